import type { RunStore } from "../runs.ts";
import { bindAdmission } from "./admission.ts";
import { bindCancel } from "./cancel.ts";
import { bindCauses } from "./causes.ts";
import { bindClaim } from "./claim.ts";
import type { StoreFaults } from "./faults.ts";
import { bindInsert } from "./insert.ts";
import { bindMarkSent } from "./mark-sent.ts";
import { bindReads } from "./read.ts";
import { bindRelease } from "./release.ts";
import type { Sql } from "./sql.ts";
import { bindWake } from "./wake.ts";
import { bindWrites } from "./write.ts";

export function createRunStore(sql: Sql, faults: StoreFaults): RunStore {
  return {
    insert: bindInsert(sql, faults),
    claim: bindClaim(sql, faults),
    ...bindWrites(sql, faults),
    release: bindRelease(sql, faults),
    markSent: bindMarkSent(sql),
    wake: bindWake(sql),
    cancel: bindCancel(sql),
    ...bindReads(sql),
    ...bindCauses(sql),
    ...bindAdmission(sql),
  };
}
