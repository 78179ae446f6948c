import { useTranslation } from "react-i18next";

import { useDeleteRoute } from "../api/queries";
import type { Route } from "../api/types";
import { named } from "../i18n";
import { Dialog } from "../ui/Dialog";
import { reasonOf } from "../ui/RequestFailure";
import { useToast } from "../ui/Toast";

export function DeleteDialog({ route, onClose }: { route: Route; onClose: () => void }) {
  const { t } = useTranslation();
  const say = useToast();
  const remove = useDeleteRoute();
  const go = () => remove.mutate(route.routeId, { onSuccess: () => (say(t("plan.deleted")), onClose()) });
  return (
    <Dialog title={t("plan.deleteTitle", { name: named(route.name) })} onClose={onClose} testId="delete-dialog">
      <p>{t("plan.deleteBody")}</p>
      <p className="form-error" role="alert">{remove.isError && t("plan.refused", { reason: reasonOf(remove.error, t("common.noServer")) })}</p>
      <footer className="dialog__foot">
        <button type="button" className="button" onClick={onClose} data-focus>{t("common.cancel")}</button>
        <button type="button" className="button button--danger" disabled={remove.isPending} onClick={go} data-testid="delete-confirm">{t("common.delete")}</button>
      </footer>
    </Dialog>
  );
}
