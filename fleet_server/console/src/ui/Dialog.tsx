import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { useTranslation } from "react-i18next";

interface Props {
  title: string;
  onClose: () => void;
  wide?: boolean;
  testId?: string;
  children: ReactNode;
}

/** A modal on the browser's own <dialog>: Escape closes, focus stays inside and goes back after; it begins at `data-focus`. */
export function Dialog({ title, onClose, wide = false, testId, children }: Props) {
  const { t } = useTranslation();
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = element.current!;
    if (!dialog.open) dialog.showModal();
    dialog.querySelector<HTMLElement>("[data-focus]")?.focus(); // React's autoFocus comes before the dialog is open
    return () => dialog.close();
  }, []);
  return (
    <dialog
      ref={element}
      className={`dialog${wide ? " dialog--wide" : ""}`}
      aria-labelledby={heading}
      data-testid={testId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.nativeEvent.isComposing) return;
        event.preventDefault(); // else the browser closes a question and what it is about at once, and unasked
        event.stopPropagation();
        onClose();
      }}
      onMouseDown={(event) => event.target === element.current && onClose()}
    >
      <div className="dialog__body">
        <header className="dialog__head">
          <h2 id={heading}>{title}</h2>
          <button type="button" className="icon-button" onClick={onClose} aria-label={t("common.close")}>
            <X size={17} />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
