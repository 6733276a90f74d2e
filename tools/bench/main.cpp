#include <csignal>
#include <iostream>

#include "bench/arguments.h"
#include "bench/connection.h"
#include "bench/runs.h"

namespace {

lode::bench::Report run(const lode::bench::Settings& settings) {
  using namespace lode::bench;
  if (!settings.fsync_dir.empty()) return fsync_report(settings);
  if (settings.read_your_writes) return read_your_writes_report(settings);
  if (!settings.query.empty()) return query_report(settings);
  return append_report(settings);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  int exit = 0;
  auto settings = lode::bench::parse_arguments(argc, argv, exit);
  if (!settings) return exit;
  try {
    lode::bench::Report report = run(*settings);
    std::cout << (settings->json ? report.as_json() : report.as_text());
    return 0;
  } catch (const lode::bench::ConnectionError& error) {
    std::cerr << "lode-bench: " << error.what() << "\n";
    return 3;
  } catch (const std::exception& error) {
    std::cerr << "lode-bench: " << error.what() << "\n";
    return 1;
  }
}
