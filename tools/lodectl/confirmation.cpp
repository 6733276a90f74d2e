#include "lodectl/confirmation.h"

#include <unistd.h>

#include <iostream>

#include "generate/json_text.h"

namespace lode::lodectl {

void confirm(const std::string& consequence, bool said_yes) {
  if (said_yes) return;
  if (isatty(STDIN_FILENO) == 0) throw Failed(consequence + ": say --yes to mean it", kUsage);
  std::cerr << consequence << ". Go on? (yes/no) ";
  std::string answer;
  std::getline(std::cin, answer);
  if (answer != "yes" && answer != "y") throw Failed("nothing was done");
}

bool goes_on(const Context& context, const std::string& consequence, bool said_yes, bool dry_run) {
  if (!dry_run) {
    confirm(consequence, said_yes);
    return true;
  }
  std::string out;
  if (context.json) {
    generate::JsonText(out).begin_object().truth("dry_run", true).text("would", consequence).end_object();
  } else {
    out = "would: " + consequence;
  }
  std::cout << out << "\n";
  return false;
}

}  // namespace lode::lodectl
