#include "COpenCLKernels.h"
