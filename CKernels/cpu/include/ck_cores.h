// Which cores threads run on. No kernel asks; benchmarks bind what they compare to the same cores.
#pragma once

// Numbers of the cores that this thread may use, in rising order: writes at most `capacity`,
// returns how many there are; 0 where the system does not say.
int ck_cores_available(int *cores, int capacity);

// Lets a thread of this process, by the system's number for it, run on those cores alone. Returns
// 0, or the system's error code.
int ck_cores_bind(int thread, const int *cores, int count);
