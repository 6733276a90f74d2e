// A JSON text as what changes from event to event and what does not: its leaves (strings and numbers) by the
// path of names that leads to them, and the text around them. Put together again it is the same text, byte
// for byte. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lode::log {

struct Leaf {
  uint64_t path = 0;      // a hash of the names; elements of an array have one path
  std::string_view text;  // a string's without its quotes, as it was written
};

// What stands for a leaf in the text around.
constexpr char kTextLeaf = 1, kNumberLeaf = 2;

// False: no JSON that it understands; then nothing is to be used.
bool split_json(std::string_view json, uint64_t root, std::string& around, std::vector<Leaf>& leaves);

// The text around, taken apart: literal, leaf, literal, leaf, …, literal.
struct Around {
  struct Place {
    std::string before;  // the leaf, with the quote of a string's beginning
    uint64_t path = 0;
    bool text = false;
  };
  std::vector<Place> places;
  std::string end;
};
Around parse_around(std::string_view around, uint64_t root);

}  // namespace lode::log
