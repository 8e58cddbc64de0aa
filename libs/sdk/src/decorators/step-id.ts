/** A method's name as a step's id: `sayHello` and `say_hello` are `say_hello`, `updateCRM` is `update_crm`. */
export function toStepId(methodName: string): string {
  return methodName
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase();
}
