import { expect, it } from "vitest";
import { mergedMetrics } from "../../functions/local/merged-metrics.ts";

const text = (count: number): string =>
  [
    "# HELP up_total Ups.", "# TYPE up_total counter", `up_total ${count}`,
    "# HELP s Seconds.", "# TYPE s histogram", 's_bucket{le="+Inf"} 1', `s_count ${count}`,
    "# HELP odd Odd.", "# TYPE odd gauge", String.raw`odd{a="x} \" y"} 2`,
    "# HELP none None.", "# TYPE none gauge",
    "# HELP process_x X.", "# TYPE process_x gauge", "process_x 5", "",
  ].join("\n");

it("keeps names, tells clusters apart by a label, and has what belongs to the process once", () => {
  expect(mergedMetrics(new Map([["a", text(1)], ["b", text(2)]]))).toBe(
    [
      "# HELP up_total Ups.", "# TYPE up_total counter", 'up_total{cluster="a"} 1', 'up_total{cluster="b"} 2',
      "# HELP s Seconds.", "# TYPE s histogram",
      's_bucket{cluster="a",le="+Inf"} 1', 's_count{cluster="a"} 1', 's_bucket{cluster="b",le="+Inf"} 1', 's_count{cluster="b"} 2',
      "# HELP odd Odd.", "# TYPE odd gauge", String.raw`odd{cluster="a",a="x} \" y"} 2`, String.raw`odd{cluster="b",a="x} \" y"} 2`,
      "# HELP none None.", "# TYPE none gauge",
      "# HELP process_x X.", "# TYPE process_x gauge", "process_x 5", "",
    ].join("\n"),
  );
});
