/** Where operators find each other's records in shared context. Bucket names and keys are promises to all of them. */
export const COMPANIES = "context-companies";
export const LEADS = "context-leads";

/** `Bob's Bakery` -> `bob-s-bakery`; empty for a name without any of a-z and 0-9, which then has no record. */
export function toCompanyId(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}

/** An id as a part of a key: what a key does not allow becomes `-`, one for each character. */
export function toKeyPart(id: string): string {
  return id.replace(/[^A-Za-z0-9_-]/gu, "-");
}

export function intelKey(companyId: string): string {
  return `${companyId}.intel`;
}

export function qualificationKey(contactId: string): string {
  return `${toKeyPart(contactId)}.qualification`;
}
