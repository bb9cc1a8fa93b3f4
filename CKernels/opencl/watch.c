// An OpenCL library that asks before each call and counts objects: how any call can be made to
// fail, and how a leak shows. A function without its line here does not compile.
#include <stddef.h>

#include "COpenCLKernels.h"

// C has no closures: one watcher at a time, and the functions that it stands before.
static ck_opencl real;
static ck_opencl_watcher watcher;

static cl_int ask(const char *function) { return watcher.ask(watcher.context, function); }

static void count(const char *kind, int change) { watcher.count(watcher.context, kind, change); }

// A function that returns its error code.
#define CODED(name, parameters, arguments)              \
  static cl_int CL_API_CALL watched_##name parameters { \
    const cl_int fault = ask(#name);                    \
    return fault ? fault : real.name arguments;         \
  }

// The same of one that waits, and waits all the same: what runs on must not meet what is released
// next.
#define WAITED(name, parameters, arguments)             \
  static cl_int CL_API_CALL watched_##name parameters { \
    const cl_int fault = ask(#name);                    \
    const cl_int code = real.name arguments;            \
    return fault ? fault : code;                        \
  }

// A function that returns its error code, whose last parameter `event` takes a new event.
#define QUEUED(name, parameters, arguments)                  \
  static cl_int CL_API_CALL watched_##name parameters {      \
    const cl_int fault = ask(#name);                         \
    const cl_int code = fault ? fault : real.name arguments; \
    if (code == CL_SUCCESS && event) count("event", 1);      \
    return code;                                             \
  }

// A function that returns a new object and leaves its error code in its last parameter `code`.
#define MADE(kind, type, name, parameters, arguments) \
  static type CL_API_CALL watched_##name parameters { \
    const cl_int fault = ask(#name);                  \
    if (fault) {                                      \
      if (code) *code = fault;                        \
      return NULL;                                    \
    }                                                 \
    const type object = real.name arguments;          \
    if (object) count(kind, 1);                       \
    return object;                                    \
  }

// Failing or not, it happens: a test that fails it must leave nothing behind in the driver.
#define RELEASED(kind, type, name)                        \
  static cl_int CL_API_CALL watched_##name(type object) { \
    const cl_int fault = ask(#name);                      \
    count(kind, -1);                                      \
    const cl_int code = real.name(object);                \
    return fault ? fault : code;                          \
  }

typedef void(CL_CALLBACK *on_context)(const char *, const void *, size_t, void *);
typedef void(CL_CALLBACK *on_build)(cl_program, void *);
typedef const cl_event *events;

CODED(clGetPlatformIDs, (cl_uint room, cl_platform_id *ids, cl_uint *found), (room, ids, found))
CODED(clGetPlatformInfo,
      (cl_platform_id platform, cl_platform_info key, size_t size, void *value, size_t *needed),
      (platform, key, size, value, needed))
CODED(clGetDeviceIDs,
      (cl_platform_id platform, cl_device_type type, cl_uint room, cl_device_id *ids,
       cl_uint *found),
      (platform, type, room, ids, found))
CODED(clGetDeviceInfo,
      (cl_device_id device, cl_device_info key, size_t size, void *value, size_t *needed),
      (device, key, size, value, needed))
MADE("context", cl_context, clCreateContext,
     (const cl_context_properties *properties, cl_uint devices, const cl_device_id *ids,
      on_context notify, void *data, cl_int *code),
     (properties, devices, ids, notify, data, code))
RELEASED("context", cl_context, clReleaseContext)
MADE("queue", cl_command_queue, clCreateCommandQueue,
     (cl_context context, cl_device_id device, cl_command_queue_properties properties,
      cl_int *code),
     (context, device, properties, code))
RELEASED("queue", cl_command_queue, clReleaseCommandQueue)
MADE("buffer", cl_mem, clCreateBuffer,
     (cl_context context, cl_mem_flags flags, size_t size, void *host, cl_int *code),
     (context, flags, size, host, code))
RELEASED("buffer", cl_mem, clReleaseMemObject)
MADE("program", cl_program, clCreateProgramWithSource,
     (cl_context context, cl_uint texts, const char **strings, const size_t *lengths, cl_int *code),
     (context, texts, strings, lengths, code))
MADE("program", cl_program, clCreateProgramWithBinary,
     (cl_context context, cl_uint devices, const cl_device_id *ids, const size_t *lengths,
      const unsigned char **binaries, cl_int *status, cl_int *code),
     (context, devices, ids, lengths, binaries, status, code))
CODED(clBuildProgram,
      (cl_program program, cl_uint devices, const cl_device_id *ids, const char *options,
       on_build notify, void *data),
      (program, devices, ids, options, notify, data))
CODED(clGetProgramBuildInfo,
      (cl_program program, cl_device_id device, cl_program_build_info key, size_t size, void *value,
       size_t *needed),
      (program, device, key, size, value, needed))
CODED(clGetProgramInfo,
      (cl_program program, cl_program_info key, size_t size, void *value, size_t *needed),
      (program, key, size, value, needed))
RELEASED("program", cl_program, clReleaseProgram)
MADE("kernel", cl_kernel, clCreateKernel, (cl_program program, const char *name, cl_int *code),
     (program, name, code))
RELEASED("kernel", cl_kernel, clReleaseKernel)
CODED(clSetKernelArg, (cl_kernel kernel, cl_uint index, size_t size, const void *value),
      (kernel, index, size, value))
QUEUED(clEnqueueNDRangeKernel,
       (cl_command_queue queue, cl_kernel kernel, cl_uint rank, const size_t *offset,
        const size_t *global, const size_t *local, cl_uint waits, events list, cl_event *event),
       (queue, kernel, rank, offset, global, local, waits, list, event))
QUEUED(clEnqueueReadBuffer,
       (cl_command_queue queue, cl_mem buffer, cl_bool waits_here, size_t offset, size_t size,
        void *target, cl_uint waits, events list, cl_event *event),
       (queue, buffer, waits_here, offset, size, target, waits, list, event))
QUEUED(clEnqueueWriteBuffer,
       (cl_command_queue queue, cl_mem buffer, cl_bool waits_here, size_t offset, size_t size,
        const void *source, cl_uint waits, events list, cl_event *event),
       (queue, buffer, waits_here, offset, size, source, waits, list, event))

static void *CL_API_CALL watched_clEnqueueMapBuffer(cl_command_queue queue, cl_mem buffer,
                                                    cl_bool waits_here, cl_map_flags flags,
                                                    size_t offset, size_t size, cl_uint waits,
                                                    events list, cl_event *event, cl_int *code) {
  const cl_int fault = ask("clEnqueueMapBuffer");
  if (fault) {
    if (code) *code = fault;
    return NULL;
  }
  void *const mapped = real.clEnqueueMapBuffer(queue, buffer, waits_here, flags, offset, size,
                                               waits, list, event, code);
  if (mapped && event) count("event", 1);
  return mapped;
}

QUEUED(clEnqueueUnmapMemObject,
       (cl_command_queue queue, cl_mem buffer, void *mapped, cl_uint waits, events list,
        cl_event *event),
       (queue, buffer, mapped, waits, list, event))
QUEUED(clEnqueueMarkerWithWaitList,
       (cl_command_queue queue, cl_uint waits, events list, cl_event *event),
       (queue, waits, list, event))
CODED(clFlush, (cl_command_queue queue), (queue))
WAITED(clFinish, (cl_command_queue queue), (queue))
WAITED(clWaitForEvents, (cl_uint waits, events list), (waits, list))
CODED(clGetEventInfo, (cl_event event, cl_event_info key, size_t size, void *value, size_t *needed),
      (event, key, size, value, needed))
CODED(clGetEventProfilingInfo,
      (cl_event event, cl_profiling_info key, size_t size, void *value, size_t *needed),
      (event, key, size, value, needed))
RELEASED("event", cl_event, clReleaseEvent)

void ck_opencl_watch(ck_opencl *functions, const ck_opencl_watcher *by) {
  watcher = *by;
  real = *functions;
#define WATCH(name) functions->name = watched_##name;
  CK_OPENCL_FUNCTIONS(WATCH)
#undef WATCH
}

const char *ck_opencl_function(size_t index) {
#define NAME(name) #name,
  static const char *const names[] = {CK_OPENCL_FUNCTIONS(NAME)};
#undef NAME
  return index < sizeof names / sizeof *names ? names[index] : NULL;
}
