import { type CatchUp, type CronTrigger, findCronTrigger, type OperatorId, type OperatorManifest, type WorkflowId } from "@openvibe/core";

/** A trigger that the clock fires. */
export interface ScheduledTrigger extends CronTrigger {
  readonly operatorId: OperatorId;
  readonly workflowId: WorkflowId;
  readonly triggerId: string;
  /** As the manifest has it. */
  readonly on: string;
  readonly catchUp: CatchUp;
}

/** The triggers that the clock fires, by operator and id. One that cannot be read, of another OpenVibe, is left out. */
export function listScheduled(manifests: readonly OperatorManifest[]): readonly ScheduledTrigger[] {
  const found: ScheduledTrigger[] = manifests.flatMap(({ id: operatorId, workflows }) =>
    workflows.flatMap(({ id: workflowId, triggers }) =>
      triggers.flatMap(({ id: triggerId, on, catch_up }): ScheduledTrigger[] => {
        const trigger = findCronTrigger(on);
        return trigger === undefined ? [] : [{ ...trigger, operatorId, workflowId, triggerId, on, catchUp: catch_up ?? "last" }];
      }),
    ),
  );
  // Sorts by operator, then by trigger: no id holds a blank.
  const key = ({ operatorId, triggerId }: ScheduledTrigger) => `${operatorId} ${triggerId}`;
  return found.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
