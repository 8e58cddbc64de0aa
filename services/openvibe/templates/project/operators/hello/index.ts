import { operator, workflow } from "openvibe";
import { z } from "zod";

const Hello = z.object({
  name: z.string().default("world"),
  greeting: z.string().default(""),
  length: z.number().default(0),
});

/** A model writes the greeting, code measures it. */
const greet = workflow("greet", { state: Hello, trigger: "on_demand" })
  .llm("say_hello", {
    model: "haiku",
    system: "You are friendly, and brief.",
    user: ({ name }) => `Greet ${name}.`,
    output: "greeting",
  })
  .node("measure", ({ greeting }) => ({ length: greeting.length }));

export default operator("hello", { name: "Hello", workflows: [greet] });
