/** Everything in one process. Environment: `PORT`, `BENCH_STORE` (a file). */
import { serve } from "openvibe";
import { benchModel } from "../../programs/bench-model.ts";
import soak from "./soak-operator.ts";

await serve(soak, { llm: benchModel, port: Number(process.env.PORT), store: process.env.BENCH_STORE ?? ":memory:" });
