/** Where things are in the pods. */
export const SIDECAR = "stunner-delivery";
/** The ConfigMap: configuration, scripts, authorities. */
export const SETTINGS_DIR = "/stunner/delivery";
/** The Secret with the token. */
export const TOKEN_DIR = "/stunner/token";
/** What nginx writes. */
export const RUN_DIR = "/stunner/run";
/** The file that stunnerd watches is in here. */
export const CONFIG_DIR = "/stunner/config";
export const CONFIG_FILE = "stunnerd.conf";
export const CA_FILE = "ca.pem";
