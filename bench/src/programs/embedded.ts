/** (a): everything in one process. Environment: `PORT`, `BENCH_STORE` (a file). */
import { serve } from "openvibe";
import { benchModel } from "./bench-model.ts";
import w4 from "./w4-operator.ts";

await serve(w4, { llm: benchModel, port: Number(process.env.PORT), store: process.env.BENCH_STORE ?? ":memory:" });
