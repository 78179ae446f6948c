/** Whose label goes first where there is not room for all: the lowest. */
export const LABEL = { obstacle: 0, dog: 1, stop: 2, restricted: 3, zone: 4, checkpoint: 5, watched: 6 } as const;
