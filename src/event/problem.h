// What is wrong with something a client sent: a stable code, where it is, and what to do about it.
#pragma once

#include <string>

namespace lode::event {

// code:    stable, snake_case, part of the contract (invalid_json, missing_field, out_of_range, …).
// pointer: RFC 6901 JSON pointer into the item ("/lines/0/quantity"); "" is the item itself.
// detail:  one sentence that says what to do. Never holds contact data or more than a short excerpt of input.
struct Problem {
  std::string code;
  std::string pointer;
  std::string detail;
};

}  // namespace lode::event
