import { memo, useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";

import type { Dog, Pose } from "../api/types";
import { useStable } from "../ui/useStable";
import { DogLayer } from "./dogLayer";
import { type DogState, dogState } from "./dogState";
import { useSiteMap } from "./SiteMap";

interface Props {
  /** With a position on this map. */
  dogs: Dog[];
  /** The link to the server is not live: then they stand where they were last known. */
  stale: boolean;
  selected: string | null;
  onSelect: (dogId: string) => void;
}

/** Dogs on the map, gliding between reports. That they move is no work for React: two hundred do, five times a second. */
export function DogMarkers({ dogs, stale, selected, onSelect }: Props) {
  const { map, frame, labels } = useSiteMap();
  const [layer, setLayer] = useState<DogLayer | null>(null);
  const select = useStable(onSelect);
  useLayoutEffect(() => {
    const made = new DogLayer(map, frame, labels, select);
    setLayer(made);
    return () => made.remove();
  }, [map, frame, labels, select]);
  useEffect(() => {
    for (const dog of dogs) layer?.report(dog.dogId, dog.position!);
  }, [layer, dogs]);
  if (!layer) return null;
  return createPortal(
    dogs.map((dog) => (
      <DogButton key={dog.dogId} dogId={dog.dogId} pose={dog.position!} layer={layer} state={dogState(dog, stale)} selected={dog.dogId === selected} onSelect={select} />
    )),
    layer.buttons,
  );
}

interface ButtonProps {
  dogId: string;
  /** Where it stands when it is drawn first. */
  pose: Pose;
  layer: DogLayer;
  state: DogState;
  selected: boolean;
  onSelect: (dogId: string) => void;
}

/** A dog for keyboard and screen reader, which find nothing on a canvas; its layer draws the sign. */
const DogButton = memo(Button, (a, b) => a.dogId === b.dogId && a.layer === b.layer && a.state === b.state && a.selected === b.selected && a.onSelect === b.onSelect);

function Button({ dogId, pose, layer, state, selected, onSelect }: ButtonProps) {
  const { t } = useTranslation();
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => layer.add(dogId, pose, button.current!), [layer, dogId]);
  useLayoutEffect(() => layer.look(dogId, state, selected), [layer, dogId, state, selected]);
  return (
    <button
      ref={button}
      type="button"
      className="dog-button"
      onClick={() => onSelect(dogId)}
      aria-label={t(`map.dog.${state}`, { name: dogId })}
      aria-pressed={selected}
      data-testid={`dog-marker-${dogId}`}
      data-state={state}
      data-live={state !== "gone"}
    />
  );
}
