import { useEffect } from "react";

/** Keys wherever the focus is; a handler that answers false has left the key alone. */
export function useKeys(handle: (event: KeyboardEvent) => void | false): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (document.querySelector("dialog[open]") || event.defaultPrevented) return;
      if (handle(event) !== false) event.preventDefault();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  });
}
