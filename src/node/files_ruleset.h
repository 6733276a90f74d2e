// What the configuration files say of the ruleset, beside what commands have said since. Files take effect by
// what changes in them: a start takes over what they say otherwise than at the start before, and leaves what
// was applied by command (`lodectl views`, `lodectl ruleset`) as it is. What they said is kept beside the
// log. One thread.
#pragma once

#include <string>

#include "log/log.h"
#include "materialize/control_state.h"
#include "materialize/ruleset.h"

namespace lode::node {

// The ruleset in force, but for what differs between `before` and `files`: each view, silver's rules and the
// time zone by itself. What is in force otherwise than `before` said was said by command, and stays. Pure.
materialize::Ruleset with_changes(materialize::Ruleset in_force, const materialize::Ruleset& before,
                                  const materialize::Ruleset& files);

class FilesRuleset {
 public:
  // The log outlives it.
  FilesRuleset(log::Log& log, materialize::Ruleset files);

  const materialize::Ruleset& files() const { return files_; }
  // What is to hold where the files have a say: what is in force, or being built because of a command, with
  // what changed in the files; the files' own in a new log.
  const materialize::Ruleset& wanted() const { return wanted_; }
  // They say something otherwise than before, or what they said then is not in force yet.
  bool have_a_say() const { return have_a_say_; }
  // What of it is not as in the files: "the view `x`, …"; "" nothing.
  std::string by_command() const;

  // Before the change to wanted() is proposed: if the process dies behind it, the next start knows.
  void announce();
  // The files' say is over, for this start: wanted() is in force, or they have none here. Durable.
  void settle();

 private:
  log::Log& log_;
  const materialize::Ruleset files_;
  materialize::Ruleset wanted_;
  bool have_a_say_ = false;
};

}  // namespace lode::node
