import { int32, text } from "./fields.ts";

const DNS_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const DNS_SUBDOMAIN = `${DNS_LABEL}(\\.${DNS_LABEL})*`;

/** RFC 1123 label, for namespaces. */
export const namespaceName = text({
  minLength: 1,
  maxLength: 63,
  pattern: `^${DNS_LABEL}$`,
  words: "a DNS label: lower-case letters, digits and dashes, a letter or digit at both ends",
});

/** RFC 1123 subdomain, for objects and for sections (listeners). */
export const sectionName = text({
  minLength: 1,
  maxLength: 253,
  pattern: `^${DNS_SUBDOMAIN}$`,
  words: "a DNS name: lower-case letters, digits, dashes and dots, a letter or digit at both ends",
});
export const objectName = sectionName;

/** An object's name as a reference holds it: any text of 1 to 253 characters. */
export const referenceName = text({ minLength: 1, maxLength: 253 });

/** An API group; empty for the core group. */
export const groupName = text({
  maxLength: 253,
  pattern: `^$|^${DNS_SUBDOMAIN}$`,
  words: "an API group such as gateway.networking.k8s.io, or empty for the core group",
});

/** A kind. */
export const kindName = text({
  minLength: 1,
  maxLength: 63,
  pattern: "^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$",
  words: "a kind such as Service: letters, digits and dashes, a letter first",
});

/** `domain/path` of a controller. */
export const controllerName = text({
  minLength: 1,
  maxLength: 253,
  pattern: `^${DNS_SUBDOMAIN}\\/[A-Za-z0-9\\/\\-._~%!$&'()*+,;=:]+$`,
  words: "a domain, a slash and a path, such as stunner.l7mp.io/gateway-operator",
});

/** A DNS name whose first label may be `*`. */
export const hostnamePattern = `^(\\*\\.)?${DNS_SUBDOMAIN}$`;
export const hostname = text({
  minLength: 1,
  maxLength: 253,
  pattern: hostnamePattern,
  words: "a DNS name, whose first label may be *",
});

export const portNumber = int32(1, 65535);

/** The pattern of a DNS name, unanchored. */
export const dnsSubdomain = DNS_SUBDOMAIN;

/** Value of a label. */
export const labelValue = text({
  maxLength: 63,
  pattern: "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$",
  words: "empty, or letters, digits, dashes, underscores and dots, a letter or digit at both ends",
});

/** Key of a label or annotation. */
export const metadataKey = text({
  maxLength: 317,
  pattern: `^(${DNS_SUBDOMAIN}/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$`,
  words: "a name of at most 63 characters, optionally after a DNS name and a slash",
});
