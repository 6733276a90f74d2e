// loded: the server.
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "node/arguments.h"
#include "node/offline.h"
#include "node/serve.h"

extern char** environ;

namespace {

lode::node::Settings environment() {
  lode::node::Settings out;
  for (char** variable = environ; *variable; ++variable) {
    std::string_view text(*variable);
    size_t equals = text.find('=');
    if (text.starts_with("LODE_") && equals != std::string_view::npos)
      out.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

// Left alone, glibc raises both bounds to what the largest buffer ever let go of had, up to 32 and 64 MiB,
// and each thread's arena keeps that much. The bodies of usual batches are below the first one, and are used
// again.
void set_allocator_bounds() {
  mallopt(M_MMAP_THRESHOLD, 512 << 10);
  mallopt(M_TRIM_THRESHOLD, 4 << 20);
}

int run(const lode::node::Arguments& arguments) {
  const lode::node::ConfigSource source{arguments.file, environment(), arguments.flags()};
  if (!arguments.check && !arguments.offline) return lode::node::serve(source);
  const lode::node::Config config = source.read();
  if (arguments.offline) return lode::node::run_offline(config, *arguments.offline);
  lode::node::check(config);
  std::cout << "the configuration is valid\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  set_allocator_bounds();
  CLI::App app;
  lode::node::Arguments arguments;
  lode::node::add_arguments(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // help or version
    std::cerr << "loded: " << lode::node::refusal_of(app, error.what()) << "\nSee: loded --help\n";
    return 2;
  }
  try {
    return run(arguments);
  } catch (const lode::node::InvalidConfig& error) {
    std::cerr << "loded: " << error.what() << "\n";
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "loded: " << error.what() << "\n";
    return 1;
  }
}
