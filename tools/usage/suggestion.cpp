#include "usage/suggestion.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace lode::usage {
namespace {

size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before_last, last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); j++) last[j] = j;
  for (size_t i = 1; i <= a.size(); i++) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); j++) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    before_last = last;
    last = row;
  }
  return last[b.size()];
}

std::vector<std::string> known_words(const CLI::App& app, bool options) {
  std::vector<std::string> words;
  if (!options) {
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
      words.push_back(command->get_name());
    }
    return words;
  }
  for (const CLI::App* at = &app; at; at = at->get_parent()) {
    for (const CLI::Option* option : at->get_options()) {
      for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
    }
  }
  return words;
}

}  // namespace

std::string nearest_word(std::string_view word, const std::vector<std::string>& known) {
  std::string best;
  size_t limit = std::max<size_t>(1, word.size() / 3) + 1, least = limit;
  for (const std::string& candidate : known) {
    size_t changes = distance(word, candidate);
    if (changes < least) {
      least = changes;
      best = candidate;
    }
  }
  return best;
}

const CLI::App* deepest(const CLI::App& app) {
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  return at;
}

std::string refusal_of(const CLI::App& app, const std::string& what) {
  for (const std::string& word : app.remaining(true)) {
    if (word == "--") continue;
    const bool option = word.starts_with("-");
    const std::string name = word.substr(0, word.find('='));
    const std::string guess = nearest_word(name, known_words(*deepest(app), option));
    return "unknown " + std::string(option ? "option " : "word ") + name +
           (guess.empty() ? "" : "; did you mean " + guess + "?");
  }
  return what;
}

}  // namespace lode::usage
