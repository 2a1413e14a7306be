# Goal: what `cmake --install` puts in place is enough for a program of somebody else: the example is configured with
# find_package, built and run; and compiled once more with what pkg-config says.
# Variables: BUILD_DIR, EXAMPLE (pay.cpp), WORK_DIR (emptied), CXX.
file(REMOVE_RECURSE ${WORK_DIR})
file(MAKE_DIRECTORY ${WORK_DIR}/source)
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${ARGN}\nended with ${code}:\n${out}")
  endif()
endfunction()
# The example without arguments says how it is used and ends with 2: it was linked and it runs.
function(run_example program)
  execute_process(COMMAND ${program} RESULT_VARIABLE code ERROR_VARIABLE err)
  if(NOT code EQUAL 2 OR NOT err MATCHES "usage: pay HOST:PORT")
    message(FATAL_ERROR "${program} ended with ${code}: ${err}")
  endif()
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD_DIR} --component client --prefix ${WORK_DIR}/prefix)
file(COPY ${EXAMPLE} DESTINATION ${WORK_DIR}/source)
file(WRITE ${WORK_DIR}/source/CMakeLists.txt "cmake_minimum_required(VERSION 3.25)
project(somebody_else LANGUAGES CXX)
find_package(payloom-client REQUIRED)
add_executable(pay pay.cpp)
target_link_libraries(pay PRIVATE payloom::client)
")
run(${CMAKE_COMMAND} -S ${WORK_DIR}/source -B ${WORK_DIR}/build -DCMAKE_PREFIX_PATH=${WORK_DIR}/prefix
    -DCMAKE_CXX_COMPILER=${CXX})
run(${CMAKE_COMMAND} --build ${WORK_DIR}/build)
run_example(${WORK_DIR}/build/pay)

file(GLOB_RECURSE pc ${WORK_DIR}/prefix/payloom-client.pc)
get_filename_component(pc_dir ${pc} DIRECTORY)
execute_process(COMMAND ${CMAKE_COMMAND} -E env PKG_CONFIG_PATH=${pc_dir} pkg-config --cflags --libs payloom-client
                RESULT_VARIABLE code OUTPUT_VARIABLE flags ERROR_VARIABLE err OUTPUT_STRIP_TRAILING_WHITESPACE)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "pkg-config: ${err}")
endif()
separate_arguments(flags UNIX_COMMAND "${flags}")
run(${CXX} -std=c++20 ${EXAMPLE} -o ${WORK_DIR}/pay ${flags})
run_example(${WORK_DIR}/pay)
file(REMOVE_RECURSE ${WORK_DIR})
