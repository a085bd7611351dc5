import { describe } from "vitest";
import {
  gateway,
  gatewayClass,
  gatewayConfig,
  listener,
  namespace,
  officialRoute,
  PARAMETERS_REF,
  route,
  service,
  slice,
  staticService,
  UDP,
  type Fields,
} from "./builders.ts";
import { check } from "./observe.ts";

const OK = "Accepted=True/Accepted";
const RESOLVED = "ResolvedRefs=True/ResolvedRefs";
const NOT_FOUND = "ResolvedRefs=False/BackendNotFound";
const WRONG_KIND = "ResolvedRefs=False/InvalidKind";
const NO_PARENT = `Accepted=False/NoMatchingParent ${RESOLVED}`;
const NOT_ALLOWED = `Accepted=False/NotAllowedByListeners ${RESOLVED}`;
const two = gateway([listener("a", 1, "UDP"), listener("b", 2, "UDP")]);
const to = (...parentRefs: Fields[]) => route([], { parentRefs });
const far = (allowedRoutes?: Fields) => [
  gateway([listener("udp", 1, "UDP", allowedRoutes ? { allowedRoutes } : {})], {}, "far/gw"),
  to({ name: "gw", namespace: "far" }),
  gateway(),
];
const selector = (matchLabels: Fields) => ({ namespaces: { from: "Selector", selector: { matchLabels } } });
const sfu = [service("media/sfu"), slice("media/sfu", ["10.1.0.1"])];
const SFU = { name: "sfu" };
const STATIC = { group: "stunner.l7mp.io", kind: "StaticService", name: "office" };
const office = staticService("media/office", ["192.0.2.0/24"]);
const off = { endpointDiscovery: false };
const foreign = [
  gatewayClass({ controllerName: "example.com/x" }, "foreign"),
  gateway([UDP], { gatewayClassName: "foreign" }, "media/theirs"),
];

// Numbers of spec/rendering.md 8; a rule of improvements.md in the title is what changes the outcome there.
describe("edge cases of attachment", () => {
  check([
    {
      n: 50,
      title: "no sectionName on two listeners",
      given: [two, to({ name: "gw" })],
      wanted: {
        routes: ["media/route", "media/route"],
        attached: ["a=1", "b=1"],
        clusters: ["media/route STATIC"],
        parents: [`gw ${OK} ${RESOLVED}`],
      },
    },
    {
      n: 50,
      title: "sectionName of one",
      given: [two, to({ name: "gw", sectionName: "a" })],
      wanted: { routes: ["media/route", ""], attached: ["a=1", "b=0"], parents: [`gw#a ${OK} ${RESOLVED}`] },
    },
    {
      n: "51 (I3)",
      title: "overlapping parentRefs",
      given: [two, to({ name: "gw" }, { name: "gw", sectionName: "a" })],
      wanted: {
        routes: ["media/route", "media/route"],
        attached: ["a=1", "b=1"],
        parents: [`gw ${OK} ${RESOLVED}`, `gw#a ${OK} ${RESOLVED}`],
      },
    },
    {
      n: "52 (I43)",
      title: "wrong sectionName only",
      given: [gateway(), to({ name: "gw", sectionName: "x" })],
      wanted: { routes: [""], clusters: [], parents: [`gw#x ${NO_PARENT}`] },
    },
    {
      n: "53 (I43)",
      title: "good, bad section, missing Gateway",
      given: [gateway(), to({ name: "gw" }, { name: "gw", sectionName: "x" }, { name: "none" })],
      wanted: { clusters: ["media/route STATIC"], parents: [`gw ${OK} ${RESOLVED}`, `gw#x ${NO_PARENT}`, `none ${NO_PARENT}`] },
    },
    { n: 54, title: "another namespace, listener default", given: far(), wanted: { clusters: [], parents: [`far/gw ${NOT_ALLOWED}`] } },
    {
      n: 55,
      title: "another namespace, All",
      given: far({ namespaces: { from: "All" } }),
      wanted: { parents: [`far/gw ${OK} ${RESOLVED}`] },
    },
    {
      n: 55,
      title: "another namespace, Selector that matches",
      given: [...far(selector({ team: "voice" })), namespace("media", { team: "voice" })],
      wanted: { parents: [`far/gw ${OK} ${RESOLVED}`] },
    },
    {
      n: 55,
      title: "another namespace, Selector that does not",
      given: [...far(selector({ team: "voice" })), namespace("media", { team: "chat" })],
      wanted: { parents: [`far/gw ${NOT_ALLOWED}`] },
    },
    {
      n: 56,
      title: "Selector without selector",
      given: [...far({ namespaces: { from: "Selector" } }), namespace("media")],
      wanted: { parents: [`far/gw ${NOT_ALLOWED}`] },
    },
    {
      n: "57 (I39)",
      title: "kinds: [TCPRoute]",
      given: [gateway([listener("udp", 1, "UDP", { allowedRoutes: { kinds: [{ kind: "TCPRoute" }] } })]), route()],
      wanted: { clusters: [], parents: [`gw ${NOT_ALLOWED}`], bad: { udp: "ResolvedRefs=False/InvalidRouteKinds" } },
    },
    {
      n: "58 (I7)",
      title: "parentRef kind Service",
      given: [gateway(), to({ kind: "Service", name: "gw" })],
      wanted: { clusters: [], parents: [] },
    },
    {
      n: "59 (I43)",
      title: "parentRef with the listener's port",
      given: [gateway(), to({ name: "gw", port: 3478 })],
      wanted: { parents: [`gw:3478 ${OK} ${RESOLVED}`] },
    },
    {
      n: "59 (I43)",
      title: "parentRef with another port",
      given: [gateway(), to({ name: "gw", port: 1 })],
      wanted: { clusters: [], parents: [`gw:1 ${NO_PARENT}`] },
    },
    {
      n: 60,
      title: "parents unknown to this controller",
      given: [gateway(), ...foreign, to({ name: "theirs" }, { name: "none" })],
      wanted: { parents: [], reasons: [] },
    },
    {
      n: "61 (I7)",
      title: "the same while the class is invalid",
      given: [gatewayConfig({}), gateway(), ...foreign, to({ name: "theirs" }, { name: "none" })],
      wanted: { parents: [] },
    },
    {
      n: 62,
      title: "one of two Gateways deleted",
      given: [gateway(), to({ name: "gone" }, { name: "gw" })],
      wanted: { clusters: ["media/route STATIC"], parents: [`gone ${NO_PARENT}`, `gw ${OK} ${RESOLVED}`] },
    },
    {
      n: 63,
      title: "only on a listener of a bad protocol",
      given: [gateway([listener("web", 80, "HTTP"), UDP]), to({ name: "gw", sectionName: "web" })],
      wanted: { clusters: ["media/route STATIC"], routes: [""], parents: [`gw#web ${OK} ${RESOLVED}`] },
    },
    {
      n: 83,
      title: "v1alpha2 route with a backend port",
      given: [gateway(), officialRoute([{ ...SFU, port: 1 }]), ...sfu],
      wanted: { clusters: ["media/route STATIC 10.1.0.1 10.96.0.20"], official: [`gw ${OK} ${RESOLVED}`], parents: [] },
    },
    {
      n: 84,
      title: "v1alpha2 and native route of one name",
      given: [gateway(), officialRoute([{ name: "x" }]), route([SFU]), ...sfu],
      wanted: {
        clusters: ["media/route STATIC 10.1.0.1 10.96.0.20"],
        parents: [`gw ${OK} ${RESOLVED}`],
        official: [`gw Accepted=False/Pending ${RESOLVED}`],
      },
    },
    {
      n: "85 (I8)",
      title: "Gateway deleted: config gone, the route's entry of ours too",
      given: [
        route(
          [],
          {},
          "media/route",
          {},
          { parents: [{ parentRef: { name: "gw" }, controllerName: "stunner.l7mp.io/gateway-operator", conditions: [] }] },
        ),
      ],
      wanted: { configs: [], parents: [] },
    },
    {
      n: 86,
      title: "legacy, last Gateway deleted",
      given: [],
      options: { mode: "legacy" },
      wanted: { class: ["Accepted=True/Accepted"], objects: ["ConfigMap/stunner-system/stunnerd-config"] },
    },
    {
      n: "87 (I9)",
      title: "class deleted while another remains: its Gateway is held",
      given: [
        gateway([UDP], { gatewayClassName: "gone" }, "media/old"),
        service(
          "media/old",
          {},
          {
            labels: { "stunner.l7mp.io/owned-by": "stunner" },
            ownerReferences: [{ apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", name: "old", uid: "uid-of-old" }],
          },
        ),
        gateway(),
      ],
      wanted: { configs: ["media/gw"], held: ["media/old"], deletions: [] },
    },
    {
      n: 88,
      title: "two classes, one broken, a route with a Gateway in each: both parents, in order",
      given: [
        gatewayClass({ parametersRef: { ...PARAMETERS_REF, name: "x" } }, "broken"),
        gateway([UDP], { gatewayClassName: "broken" }, "media/b"),
        gateway(),
        to({ name: "b" }, { name: "gw" }),
      ],
      wanted: { configs: ["media/gw"], clusters: ["media/route STATIC"], parents: [`b ${OK} ${RESOLVED}`, `gw ${OK} ${RESOLVED}`] },
    },
  ]);
});

const rows = (refs: Fields[], given: ReturnType<typeof service>[] = []) => [gateway(), route(refs), ...given];

describe("edge cases of backends", () => {
  check([
    {
      n: 64,
      title: "no backendRefs",
      given: [gateway(), route([], { rules: [{}] })],
      wanted: { clusters: ["media/route STATIC"], parents: [`gw ${OK} ${RESOLVED}`] },
    },
    {
      n: 65,
      title: "two rules",
      given: [gateway(), route([], { rules: [{ backendRefs: [SFU] }, { backendRefs: [STATIC] }] }), ...sfu, office],
      wanted: { clusters: ["media/route STATIC 10.1.0.1 10.96.0.20"], reasons: ["RuleIgnored"] },
    },
    {
      n: 66,
      title: "backendRef group v1",
      given: rows([{ ...SFU, group: "v1" }], sfu),
      wanted: { clusters: ["media/route STATIC"], parents: [`gw ${OK} ${WRONG_KIND}`] },
    },
    {
      n: 66,
      title: "backendRef kind Pod",
      given: rows([{ ...SFU, kind: "Pod" }], sfu),
      wanted: { clusters: ["media/route STATIC"], parents: [`gw ${OK} ${WRONG_KIND}`] },
    },
    {
      n: 67,
      title: "StaticService with group, without kind",
      given: rows([{ group: "stunner.l7mp.io", name: "office" }], [office]),
      wanted: { parents: [`gw ${OK} ${WRONG_KIND}`] },
    },
    {
      n: 68,
      title: "backend of another namespace",
      given: rows([{ ...SFU, namespace: "far" }], [service("far/sfu")]),
      wanted: { clusters: ["media/route STATIC 10.96.0.20"], parents: [`gw ${OK} ${RESOLVED}`] },
    },
    {
      n: 69,
      title: "backend Service deleted",
      given: rows([SFU]),
      wanted: { clusters: ["media/route STATIC"], parents: [`gw ${OK} ${NOT_FOUND}`] },
    },
    {
      n: "70 (I2)",
      title: "StaticService deleted: the cluster is empty",
      given: rows([STATIC]),
      wanted: { clusters: ["media/route STATIC"], routes: ["media/route"], parents: [`gw ${OK} ${NOT_FOUND}`] },
    },
    {
      n: "71 (I2)",
      title: "missing and good Service",
      given: rows([{ name: "x" }, SFU], sfu),
      wanted: { clusters: ["media/route STATIC 10.1.0.1 10.96.0.20"], parents: [`gw ${OK} ${NOT_FOUND}`] },
    },
    {
      n: "72 (I1)",
      title: "headless Service with pods",
      given: rows([SFU], [service("media/sfu", { clusterIP: "None" }), slice("media/sfu", ["10.1.0.1"])]),
      wanted: { clusters: ["media/route STATIC 10.1.0.1"], parents: [`gw ${OK} ${RESOLVED}`] },
    },
    {
      n: "73 (I1)",
      title: "ClusterIP Service without pods",
      given: rows([SFU], [service("media/sfu")]),
      wanted: { clusters: ["media/route STATIC 10.96.0.20"], parents: [`gw ${OK} ${RESOLVED}`] },
    },
    {
      n: 74,
      title: "not-ready and terminating pods",
      given: rows(
        [SFU],
        [
          service("media/sfu"),
          slice(
            "media/sfu",
            [],
            {
              endpoints: [
                { addresses: ["10.1.0.1"], conditions: { ready: false } },
                { addresses: ["10.1.0.2"], conditions: { terminating: true } },
              ],
            },
          ),
        ],
      ),
      wanted: { clusters: ["media/route STATIC 10.1.0.1 10.1.0.2 10.96.0.20"], parents: [`gw ${OK} ${RESOLVED}`] },
    },
    {
      n: 75,
      title: "the same Service twice",
      given: rows([SFU, SFU], sfu),
      wanted: { clusters: ["media/route STATIC 10.1.0.1 10.1.0.1 10.96.0.20 10.96.0.20"] },
    },
    {
      n: "76 (I1)",
      title: "ExternalName Service",
      given: rows([SFU], [service("media/sfu", { type: "ExternalName" })]),
      wanted: { clusters: ["media/route STATIC"], parents: [`gw ${OK} ${WRONG_KIND}`] },
    },
    {
      n: 76,
      title: "the same without endpoint discovery",
      given: rows([SFU], [service("media/sfu", { type: "ExternalName" })]),
      options: off,
      wanted: { clusters: ["media/route STRICT_DNS sfu.media.svc.cluster.local"], parents: [`gw ${OK} ${RESOLVED}`] },
    },
    {
      n: 77,
      title: "no endpoint discovery, no Service",
      given: rows([SFU]),
      options: off,
      wanted: { clusters: ["media/route STRICT_DNS sfu.media.svc.cluster.local"], parents: [`gw ${OK} ${RESOLVED}`] },
    },
    {
      n: 78,
      title: "no endpoint discovery, ports",
      given: rows([{ ...SFU, port: 1, endPort: 2 }]),
      options: off,
      wanted: { clusters: ["media/route STRICT_DNS sfu.media.svc.cluster.local"] },
    },
    {
      n: "79 (I16)",
      title: "endPort alone",
      given: rows([{ ...STATIC, endPort: 200 }], [office]),
      wanted: { clusters: ["media/route STATIC 192.0.2.0/24:<1-200>"], reasons: ["PortRange"] },
    },
    {
      n: 79,
      title: "endPort below port",
      given: rows([{ ...STATIC, port: 300, endPort: 200 }], [office]),
      wanted: { clusters: ["media/route STATIC 192.0.2.0/24:<300-300>"] },
    },
    {
      n: 79,
      title: "all ports",
      given: rows([{ ...STATIC, port: 1, endPort: 65_535 }], [office]),
      wanted: { clusters: ["media/route STATIC 192.0.2.0/24"] },
    },
    {
      n: "80 (I2)",
      title: "prefix dummy beside good ones",
      given: rows([STATIC], [staticService("media/office", ["192.0.2.1", "dummy"])]),
      wanted: { clusters: ["media/route STATIC 192.0.2.1"], routes: ["media/route"], parents: [`gw ${OK} ${NOT_FOUND}`] },
    },
    {
      n: 81,
      title: "StaticService without prefixes",
      given: rows([STATIC], [staticService("media/office", [])]),
      wanted: { clusters: ["media/route STATIC"], parents: [`gw ${OK} ${RESOLVED}`] },
    },
    {
      n: "82 (I2)",
      title: "no endpoint discovery, StaticService then Service: one type only",
      given: rows([STATIC, SFU], [office]),
      options: off,
      wanted: { clusters: ["media/route STATIC 192.0.2.0/24"], parents: [`gw ${OK} ${NOT_FOUND}`] },
    },
  ]);
});
