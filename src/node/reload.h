// Reads the configuration again and takes over what can change while the node serves; names what can't, which
// the next start takes. A configuration that is not valid changes nothing.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "event/problem.h"
#include "node/config.h"
#include "node/vigil.h"

namespace lode::node {

struct Reloaded {
  std::vector<KeyChange> taken, left;   // left: until the next start
  std::vector<std::string> read_again;  // files: "mappings", "certificates"
};
std::string json_of(const Reloaded& reloaded, bool dry_run);
std::string sentence_of(const Reloaded& reloaded);

class Reload {
 public:
  // Takes the live keys of a configuration over. Called with it once for each reload; throws std::exception
  // with a sentence, then nothing has changed. `dry_run`: only looks whether it would throw.
  using Take = std::function<void(const Config& config, bool dry_run)>;

  // Reads it for the first time: throws InvalidConfig. `vigil` is told of every reload, and outlives this.
  Reload(ConfigSource source, Vigil& vigil);

  // While it lives `take` is called; without one a reload is refused. Neither is called after it has gone.
  class Taking {
   public:
    Taking(Reload& reload, Take take);
    ~Taking();
    Taking(const Taking&) = delete;
    Taking& operator=(const Taking&) = delete;

   private:
    Reload& reload_;
  };
  // A problem: `invalid_configuration`, or `not_ready` while nobody takes it. Any thread, one after the
  // other.
  std::variant<Reloaded, event::Problem> run(bool dry_run);
  // What the process runs with.
  Config config() const;

 private:
  std::variant<Reloaded, event::Problem> run_held(bool dry_run);

  const ConfigSource source_;
  Vigil& vigil_;
  mutable std::mutex mutex_;  // of all below
  Config now_;                // with what was taken
  Take take_;
};

}  // namespace lode::node
