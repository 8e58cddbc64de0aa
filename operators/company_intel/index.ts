import { operator } from "openvibe";
import { researchAnswer } from "./answer.ts";
import { research } from "./research.ts";

export const companyIntel = operator("company_intel", {
  name: "Company Intelligence",
  description: "Looks a company up on request and says how good a prospect it is.",
  owner: "Sales / Strategy",
  output: "slack:#revenue-intelligence",
  workflows: [research],
  answers: { research: researchAnswer },
});

export default companyIntel;
