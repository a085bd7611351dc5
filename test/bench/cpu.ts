import { readFile } from "node:fs/promises";

/** Linux counts CPU time of processes in hundredths of a second, whatever the kernel's own tick. */
const MS_PER_TICK = 10;

/** CPU time of a process so far, user and system, in milliseconds (proc_pid_stat(5), fields 14 and 15). */
export async function cpuOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8");
  // The name of the program, in parentheses, may hold spaces.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}
