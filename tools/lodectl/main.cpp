#include "lodectl/command.h"

int main(int argc, char** argv) { return lode::lodectl::run(argc, argv); }
