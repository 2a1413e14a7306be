#pragma once
// Runs the command line in this process: what it prints and its exit code.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "actors/app/verbs/register.hpp"

namespace payloom::verbs {

struct run_result {
  int code;
  std::string out;
  std::string err;
};

/// Runs `payloom` with these words.
inline run_result run(std::vector<std::string> words) {
  words.insert(words.begin(), "payloom");
  std::vector<const char*> argv;
  for (const std::string& word : words) argv.push_back(word.c_str());
  CLI::App app{"test"};
  app.require_subcommand(1);
  int exit_code = 0;
  add_client_verbs(app, exit_code);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  run_result result{};
  result.code = parse_and_run(app, static_cast<int>(argv.size()), argv.data(), exit_code);
  result.out = testing::internal::GetCapturedStdout();
  result.err = testing::internal::GetCapturedStderr();
  return result;
}

}  // namespace payloom::verbs
