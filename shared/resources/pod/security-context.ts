import * as z from "zod/mini";
import { doc } from "../crd-metadata.ts";
import { int64, list } from "../fields.ts";

const atomic = { type: "atomic" } as const;

const profileSchema = z.looseObject({
  localhostProfile: doc("Profile on the node, for type Localhost.", z.optional(z.string())),
  type: doc("RuntimeDefault, Localhost or Unconfined.", z.string()),
});

const sharedShape = {
  appArmorProfile: doc("AppArmor profile.", z.optional(profileSchema)),
  runAsGroup: doc("Primary group of the process.", z.optional(int64())),
  runAsNonRoot: doc("Whether running as root is refused.", z.optional(z.boolean())),
  runAsUser: doc("User of the process.", z.optional(int64())),
  seLinuxOptions: doc(
    "SELinux label.",
    z.optional(
      z.looseObject({
        level: doc("Level of the label.", z.optional(z.string())),
        role: doc("Role of the label.", z.optional(z.string())),
        type: doc("Type of the label.", z.optional(z.string())),
        user: doc("User of the label.", z.optional(z.string())),
      }),
    ),
  ),
  seccompProfile: doc("Seccomp profile.", z.optional(profileSchema)),
  windowsOptions: doc(
    "Settings for Windows nodes.",
    z.optional(
      z.looseObject({
        gmsaCredentialSpec: doc("The gMSA credential itself.", z.optional(z.string())),
        gmsaCredentialSpecName: doc("Name of the gMSA credential.", z.optional(z.string())),
        hostProcess: doc("Whether to run as a process of the host.", z.optional(z.boolean())),
        runAsUserName: doc("User of the process.", z.optional(z.string())),
      }),
    ),
  ),
};

/** SecurityContext of a container. */
export const containerSecurityContextSchema = z.looseObject({
  ...sharedShape,
  allowPrivilegeEscalation: doc("Whether the process may gain privileges.", z.optional(z.boolean())),
  capabilities: doc(
    "Linux capabilities.",
    z.optional(
      z.looseObject({
        add: doc("Capabilities to add.", z.optional(list(z.string(), atomic))),
        drop: doc("Capabilities to drop.", z.optional(list(z.string(), atomic))),
      }),
    ),
  ),
  privileged: doc("Whether the container is as root on the host.", z.optional(z.boolean())),
  procMount: doc("How /proc is mounted.", z.optional(z.string())),
  readOnlyRootFilesystem: doc("Whether the root file system is read-only.", z.optional(z.boolean())),
});

/** SecurityContext of a pod. */
export const podSecurityContextSchema = z.looseObject({
  ...sharedShape,
  fsGroup: doc("Group that owns the volumes.", z.optional(int64())),
  fsGroupChangePolicy: doc("When the group of a volume is set.", z.optional(z.string())),
  seLinuxChangePolicy: doc("How the SELinux label gets onto volumes.", z.optional(z.string())),
  supplementalGroups: doc("Further groups of the process.", z.optional(list(int64(), atomic))),
  supplementalGroupsPolicy: doc("How they join those of the image.", z.optional(z.string())),
  sysctls: doc(
    "Kernel parameters.",
    z.optional(
      list(
        z.looseObject({
          name: doc("Name of the parameter.", z.string()),
          value: doc("Its value.", z.string()),
        }),
        atomic,
      ),
    ),
  ),
});
