interface Answer {
  offset: number;
  uncertainty: number;
}

const REMEMBERED = 20;

/** By how much the station's clock is ahead of this page's own, seconds; of the last answers the quickest is believed. */
export class ClockOffset {
  private answers: Answer[] = [];

  /** The station's clock showed `at` between `asked` and `heard` of ours. */
  hear(at: number, asked: number, heard: number): void {
    this.answers = [...this.answers, { offset: at - (asked + heard) / 2, uncertainty: (heard - asked) / 2 }].slice(-REMEMBERED);
  }

  /** What the station's clock shows when ours shows `here`; null before any answer. */
  there(here: number): number | null {
    if (this.answers.length === 0) return null;
    return here + this.answers.reduce((best, each) => (each.uncertainty < best.uncertainty ? each : best)).offset;
  }
}
