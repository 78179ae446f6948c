import { useTranslation } from "react-i18next";

import { useDeleteRoute } from "../api/queries";
import type { Route } from "../api/types";
import { named } from "../i18n";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { useToast } from "../ui/Toast";

export function DeleteDialog({ route, onClose }: { route: Route; onClose: () => void }) {
  const { t } = useTranslation();
  const say = useToast();
  const remove = useDeleteRoute();
  return (
    <ConfirmDialog
      title={t("plan.deleteTitle", { name: named(route.name) })}
      body={t("plan.deleteBody")}
      request={remove}
      onConfirm={() => remove.mutate(route, { onSuccess: () => (say(t("plan.deleted")), onClose()) })}
      onClose={onClose}
      yes={t("common.delete")}
      testId="delete-dialog"
      confirmTestId="delete-confirm"
    />
  );
}
