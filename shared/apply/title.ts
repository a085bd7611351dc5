/** `Kind namespace/name`, as reports, logs and problems write it. */
export function title(object: Titled): string {
  const { namespace, name } = object.metadata ?? object;
  return `${object.kind} ${namespace ? `${namespace}/${name}` : name}`;
}

interface Named {
  readonly namespace?: string | undefined;
  readonly name: string;
}
type Titled = { readonly kind: string } & (({ readonly metadata: Named }) | (Named & { readonly metadata?: never }));
