import { globSync, readFileSync } from "node:fs";

export const PROVIDERS = ["aws", "google", "kubernetes", "random"] as const;
export type ProviderName = (typeof PROVIDERS)[number];

export interface InUse {
  readonly resources: ReadonlySet<string>;
  readonly dataSources: ReadonlySet<string>;
}

/** The types of a provider that the modules, examples and tests name. `terraform_data` is Terraform's own. */
export function inUse(provider: ProviderName, root: string): InUse {
  const resources = new Set<string>();
  const dataSources = new Set<string>();
  for (const file of globSync(["terraform/**/*.tf", "terraform/**/*.hcl"], { cwd: root }).filter((path) => !path.includes(".terraform/"))) {
    const text = readFileSync(`${root}/${file}`, "utf8");
    for (const [, block, type = ""] of text.matchAll(/^\s*(resource|data|mock_resource|mock_data)\s+"(\w+)"/gm)) {
      if (!type.startsWith(`${provider}_`)) continue;
      (block?.endsWith("data") ? dataSources : resources).add(type);
    }
  }
  return { resources, dataSources };
}
