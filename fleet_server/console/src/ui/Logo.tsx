/** The mark: a dog's head, ears up. */
export function Logo({ size = 28 }: { size?: number }) {
  return <img src="/mark.svg" width={size} height={size} alt="" />;
}
