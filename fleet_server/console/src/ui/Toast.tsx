import { CircleCheck } from "lucide-react";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from "react";

type Say = (text: ReactNode) => void;
const ToastContext = createContext<Say>(() => undefined);
const STAYS_MS = 5_000;

export const useToast = () => useContext(ToastContext);

/** One short word of success at a time, at the foot of the screen. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [toast, setToast] = useState<{ text: ReactNode; nonce: number } | null>(null);
  const say = useCallback<Say>((text) => setToast((old) => ({ text, nonce: (old?.nonce ?? 0) + 1 })), []);
  useEffect(() => {
    if (!toast) return;
    const timer = setTimeout(() => setToast(null), STAYS_MS);
    return () => clearTimeout(timer);
  }, [toast]);
  return (
    <ToastContext.Provider value={say}>
      {children}
      <div className="toast-place" role="status" aria-live="polite">
        {toast && (
          <div className="toast" key={toast.nonce} data-testid="toast">
            <CircleCheck size={17} />
            <span>{toast.text}</span>
          </div>
        )}
      </div>
    </ToastContext.Provider>
  );
}
