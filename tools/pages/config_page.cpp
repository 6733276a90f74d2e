#include "pages/config_page.h"

#include "node/config.h"
#include "node/version.h"
#include "usage/manual.h"

namespace lode::pages {

namespace {

std::string section_of(const std::string& key) {
  const size_t dot = key.find('.');
  return dot == std::string::npos ? "" : key.substr(0, dot);
}

std::string text_of(const node::KeyHelp& key) {
  return key.text + " Takes " + key.type + "; the default is " + key.default_text +
         (key.live ? ". A reload takes it." : ". Only a start takes it.") + " (" +
         node::variable_of(key.name) + ", --" + node::flag_of(key.name) + ")";
}

}  // namespace

void write_config_page(std::ostream& out) {
  usage::Page page{"loded.toml", "5", "configuration of loded", {}, "loded(8), lodectl(1)"};
  for (const node::KeyHelp& key : node::config_keys()) {
    const std::string section = section_of(key.name);
    const std::string title = section.empty() ? "KEYS OF NO SECTION" : "SECTION [" + section + "]";
    if (page.parts.empty() || page.parts.back().title != title) page.parts.push_back({title, {}});
    page.parts.back().entries.emplace_back(section.empty() ? key.name : key.name.substr(section.size() + 1),
                                           text_of(key));
  }
  usage::write_head(page, node::kVersion, out);
  out << ".SH SYNOPSIS\n/etc/lode/loded.toml\n.SH DESCRIPTION\n"
      << usage::roff(
             "One TOML file. Each key is also an environment variable and a flag of loded: a flag wins over "
             "the "
             "environment, the environment over the file. `loded --config FILE --check-config` checks it; "
             "`systemctl reload loded`, SIGHUP or `lodectl reload` have it read again, and name what only "
             "the "
             "next start takes.")
      << "\n";
  usage::write_parts(page, out);
}

}  // namespace lode::pages
