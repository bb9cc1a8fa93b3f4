import COpenCLKernels

@testable import Tensors

/// The error codes that the specification of OpenCL 1.2 documents for each function that is called
/// (and for `clGetPlatformIDs` that of `cl_khr_icd`), apart from codes of images and sub-buffers,
/// which are never made.
enum DocumentedCodes {
  static let table: [String: [cl_int]] = [
    "clGetPlatformIDs": [-1001, CL_INVALID_VALUE, CL_OUT_OF_HOST_MEMORY],
    "clGetPlatformInfo": [CL_INVALID_PLATFORM, CL_INVALID_VALUE, CL_OUT_OF_HOST_MEMORY],
    "clGetDeviceIDs": [
      CL_INVALID_PLATFORM, CL_INVALID_DEVICE_TYPE, CL_INVALID_VALUE, CL_DEVICE_NOT_FOUND,
    ] + resources,
    "clGetDeviceInfo": [CL_INVALID_DEVICE, CL_INVALID_VALUE] + resources,
    "clCreateContext": [
      CL_INVALID_PLATFORM, CL_INVALID_PROPERTY, CL_INVALID_VALUE, CL_INVALID_DEVICE,
      CL_DEVICE_NOT_AVAILABLE,
    ] + resources,
    "clReleaseContext": [CL_INVALID_CONTEXT] + resources,
    "clCreateCommandQueue": [
      CL_INVALID_CONTEXT, CL_INVALID_DEVICE, CL_INVALID_VALUE, CL_INVALID_QUEUE_PROPERTIES,
    ] + resources,
    "clReleaseCommandQueue": [CL_INVALID_COMMAND_QUEUE] + resources,
    "clCreateBuffer": [
      CL_INVALID_CONTEXT, CL_INVALID_VALUE, CL_INVALID_BUFFER_SIZE, CL_INVALID_HOST_PTR,
      CL_MEM_OBJECT_ALLOCATION_FAILURE,
    ] + resources,
    "clReleaseMemObject": [CL_INVALID_MEM_OBJECT] + resources,
    "clCreateProgramWithSource": [CL_INVALID_CONTEXT, CL_INVALID_VALUE] + resources,
    "clCreateProgramWithBinary": [
      CL_INVALID_CONTEXT, CL_INVALID_VALUE, CL_INVALID_DEVICE, CL_INVALID_BINARY,
    ] + resources,
    "clBuildProgram": [
      CL_INVALID_PROGRAM, CL_INVALID_VALUE, CL_INVALID_DEVICE, CL_INVALID_BINARY,
      CL_INVALID_BUILD_OPTIONS, CL_INVALID_OPERATION, CL_COMPILER_NOT_AVAILABLE,
      CL_BUILD_PROGRAM_FAILURE,
    ] + resources,
    "clGetProgramBuildInfo": [CL_INVALID_DEVICE, CL_INVALID_VALUE, CL_INVALID_PROGRAM] + resources,
    "clGetProgramInfo": [CL_INVALID_VALUE, CL_INVALID_PROGRAM, CL_INVALID_PROGRAM_EXECUTABLE]
      + resources,
    "clReleaseProgram": [CL_INVALID_PROGRAM] + resources,
    "clCreateKernel": [
      CL_INVALID_PROGRAM, CL_INVALID_PROGRAM_EXECUTABLE, CL_INVALID_KERNEL_NAME,
      CL_INVALID_KERNEL_DEFINITION, CL_INVALID_VALUE,
    ] + resources,
    "clReleaseKernel": [CL_INVALID_KERNEL] + resources,
    "clSetKernelArg": [
      CL_INVALID_KERNEL, CL_INVALID_ARG_INDEX, CL_INVALID_ARG_VALUE, CL_INVALID_MEM_OBJECT,
      CL_INVALID_ARG_SIZE,
    ] + resources,
    "clEnqueueNDRangeKernel": [
      CL_INVALID_PROGRAM_EXECUTABLE, CL_INVALID_COMMAND_QUEUE, CL_INVALID_KERNEL,
      CL_INVALID_CONTEXT, CL_INVALID_KERNEL_ARGS, CL_INVALID_WORK_DIMENSION,
      CL_INVALID_GLOBAL_WORK_SIZE, CL_INVALID_GLOBAL_OFFSET, CL_INVALID_WORK_GROUP_SIZE,
      CL_INVALID_WORK_ITEM_SIZE, CL_MEM_OBJECT_ALLOCATION_FAILURE, CL_INVALID_EVENT_WAIT_LIST,
    ] + resources,
    "clEnqueueReadBuffer": transfer,
    "clEnqueueWriteBuffer": transfer,
    "clEnqueueMapBuffer": transfer + [CL_MAP_FAILURE],
    "clEnqueueUnmapMemObject": [
      CL_INVALID_COMMAND_QUEUE, CL_INVALID_MEM_OBJECT, CL_INVALID_VALUE,
      CL_INVALID_EVENT_WAIT_LIST, CL_INVALID_CONTEXT,
    ] + resources,
    "clEnqueueMarkerWithWaitList": [
      CL_INVALID_COMMAND_QUEUE, CL_INVALID_CONTEXT, CL_INVALID_EVENT_WAIT_LIST,
    ] + resources,
    "clFlush": [CL_INVALID_COMMAND_QUEUE] + resources,
    "clFinish": [CL_INVALID_COMMAND_QUEUE] + resources,
    "clWaitForEvents": [
      CL_INVALID_VALUE, CL_INVALID_CONTEXT, CL_INVALID_EVENT,
      CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST,
    ] + resources,
    "clGetEventInfo": [CL_INVALID_VALUE, CL_INVALID_EVENT] + resources,
    "clGetEventProfilingInfo": [
      CL_PROFILING_INFO_NOT_AVAILABLE, CL_INVALID_VALUE, CL_INVALID_EVENT,
    ] + resources,
    "clReleaseEvent": [CL_INVALID_EVENT] + resources,
  ]

  private static let resources = [CL_OUT_OF_RESOURCES, CL_OUT_OF_HOST_MEMORY]
  private static let transfer =
    [
      CL_INVALID_COMMAND_QUEUE, CL_INVALID_CONTEXT, CL_INVALID_MEM_OBJECT, CL_INVALID_VALUE,
      CL_INVALID_EVENT_WAIT_LIST, CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST,
      CL_MEM_OBJECT_ALLOCATION_FAILURE, CL_INVALID_OPERATION,
    ] + resources
}
