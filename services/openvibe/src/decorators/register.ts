/** For `node --import openvibe/decorators/register hello.ts`: files with decorators run. */
import { hookDecorators } from "@openvibe/composition/decorators";

hookDecorators();
