#include <zdict.h>

#include <algorithm>
#include <map>
#include <set>

#include "log/chunk.h"

namespace lode::log {

namespace {

constexpr size_t kMostContent = 256 * 1024;
constexpr size_t kLeastContent = 4 * 1024;
constexpr int kLevel = 19;

// Which texts come again: at the same place of several chunks, those of most chunks first.
std::string recurring(const std::vector<std::vector<std::string>>& chunks) {
  std::map<std::pair<size_t, std::string>, size_t> seen;
  for (const auto& texts : chunks) {
    for (size_t place = 0; place < texts.size(); ++place) {
      for (VarintReader in(texts[place]); !in.done();) ++seen[{place, std::string(in.bytes(in.next()))}];
    }
  }
  std::vector<std::pair<size_t, const std::pair<size_t, std::string>*>> by_count;
  for (const auto& [text, count] : seen)
    if (count > 1) by_count.emplace_back(count, &text);
  std::stable_sort(by_count.begin(), by_count.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  size_t bytes = 0, taken = 0;
  while (taken < by_count.size() && bytes < kMostContent)
    bytes += by_count[taken++].second->second.size() + 1;
  // In the order that tables have, so that runs of them are one match.
  std::set<std::pair<size_t, std::string>> sorted;
  for (size_t i = 0; i < taken; ++i) sorted.insert(*by_count[i].second);
  std::string out;
  for (const auto& [place, text] : sorted) {
    put_varint(out, text.size());
    out += text;
  }
  return out;
}

}  // namespace

std::string train_dictionary(const std::vector<std::vector<std::string>>& chunks) {
  if (chunks.size() < 2) return "";
  const std::string content = recurring(chunks);
  if (content.size() < kLeastContent) return "";
  std::string samples;
  std::vector<size_t> sizes;
  for (const auto& texts : chunks) {
    for (const std::string& text : texts) {
      if (text.empty()) continue;
      samples += text;
      sizes.push_back(text.size());
    }
  }
  ZDICT_params_t parameters{};
  parameters.compressionLevel = kLevel;
  std::string out(content.size() + 64 * 1024, '\0');
  const size_t size =
      ZDICT_finalizeDictionary(out.data(), out.size(), content.data(), content.size(), samples.data(),
                               sizes.data(), static_cast<unsigned>(sizes.size()), parameters);
  if (ZDICT_isError(size)) return "";
  out.resize(size);
  return out;
}

}  // namespace lode::log
