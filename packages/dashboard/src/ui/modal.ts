import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/**
 * Opens a dialog, beside which nothing can be reached. When it is gone the focus is where it was.
 *
 * @returns What the dialog has to have as its `ref`.
 */
export const useModal = (): RefObject<HTMLDialogElement | null> => {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      const isThere = before instanceof HTMLElement && before.isConnected;
      (isThere ? before : document.querySelector('main'))?.focus({ preventScroll: true });
    };
  }, []);
  return dialog;
};
