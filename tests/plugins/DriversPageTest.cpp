// What the drivers say of themselves: manifests, the schemas of their exec blocks, and their words on a node that has
// nothing. docs/drivers.md is made of that.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "tests/plugins/ExecSchema.h"
#include "tests/plugins/GoldenCase.h"
#include "tests/plugins/PluginLibrary.h"

namespace tenon::host {
namespace {

using json::Value;

std::string memberOf(const Value& object, const std::string& name) {
  const Value* found = object.find(name);
  return found && found->string() ? *found->string() : "";
}

Value jsonOf(const std::string& text) {
  const auto value = json::parse(text);
  EXPECT_TRUE(value) << value.error << "\n" << text;
  return value ? *value : Value();
}

// By the fingerprint that the driver takes of a node without any program.
std::string wordsOnAnEmptyNode(const std::string& driver) {
  const TempFolder node;
  const std::string request =
      R"({"schema":"tenon.fingerprint-request/1","platforms":["linux-x64"],"search_path":")" + node.text() + R"("})";
  const Value found = jsonOf(PluginLibrary(driver).fingerprint(request).document);
  return memberOf(found, "health") == "healthy" ? "it needs none" : memberOf(found, "why");
}

std::string table(const std::vector<ExecSchema>& schemas) {
  std::string page = "| exec.type | driver | | where the node has no runtime for it |\n|---|---|---|---|\n";
  for (const auto& each : schemas) {
    const Value manifest = pluginDocument(each.driver, each.driver + ".plugin.json");
    page += "| [`" + each.type + "`](#" + each.type + ") | " + each.driver + " " + memberOf(manifest, "version") + " | " +
            memberOf(manifest, "description") + " | " + wordsOnAnEmptyNode(each.driver) + " |\n";
  }
  return page;
}

std::string section(const ExecSchema& schema) {
  std::string page = "\n## " + schema.type + "\n" + memberOf(schema.document, "description") + "\n```json\n";
  for (const auto& example : *schema.document.find("examples")->items()) page += "\"exec\": " + example.text() + "\n";
  page += "```\n| member | |\n|---|---|\n";
  for (const auto& [name, member] : *schema.document.find("properties")->members()) {
    if (name == "type") continue;
    const std::string required = schema.document.find("required")->text();
    const bool isNeeded = required.find("\"" + name + "\"") != std::string::npos;
    page += "| `" + name + "`" + (isNeeded ? ", needed" : "") + " | " + memberOf(member, "description") + " |\n";
  }
  return page;
}

std::string asMarkdown() {
  const auto schemas = ExecSchema::all();
  std::string page =
      "# Drivers: what to write at `exec`\n"
      "What each type takes, and what a node has to have for it. `tenon drivers` tells what a node has; the blocks' JSON "
      "Schemas\n"
      "lie beside the drivers, in `lib/tenon/plugins/TYPE.exec.json`. Wrong blocks are refused with the member that is "
      "wrong.\n\n" +
      table(schemas) +
      "\n`wasm` and `library` are reserved for later. Drivers of others: [plugins.md](plugins.md). Made from the plugins "
      "by\n"
      "tests/plugins/DriversPageTest.cpp.\n";
  for (const auto& schema : schemas) page += section(schema);
  return page;
}

TEST(DriversPage, SaysWhatThePluginsSayOfThemselves) {
  std::ifstream file(TENON_SOURCE_DIR "/docs/drivers.md");
  std::stringstream page;
  page << file.rdbuf();
  std::ofstream(TENON_BINARY_DIR "/drivers.md") << asMarkdown();
  EXPECT_EQ(page.str(), asMarkdown()) << "if the plugins are right: cp " TENON_BINARY_DIR "/drivers.md docs/";
}

TEST(ExecSchemas, TakeTheirOwnExamples) {
  for (const auto& schema : ExecSchema::all()) {
    const auto* examples = schema.document.find("examples")->items();
    ASSERT_FALSE(examples->empty()) << schema.type;
    for (const auto& example : *examples) EXPECT_EQ(schema.fault(example), "") << example.text();
  }
}

// A block that a driver plans is one that its schema takes; what the schema refuses, the driver refuses too.
TEST(ExecSchemas, AgreeWithWhatTheDriversPlan) {
  std::map<std::string, ExecSchema> schemas;
  for (auto& schema : ExecSchema::all()) schemas.emplace(schema.type, schema);
  int planned = 0, refused = 0;
  for (const auto& each : GoldenCase::all()) {
    const Value exec = *jsonOf(each.read("request.json")).find("exec");
    const auto schema = schemas.find(memberOf(exec, "type"));
    ASSERT_NE(schema, schemas.end()) << each.folder;
    const std::string fault = schema->second.fault(exec);
    const bool isPlanned = !each.read("plan.json").empty();
    if (isPlanned) {
      EXPECT_EQ(fault, "") << each.folder;
    }
    planned += isPlanned ? 1 : 0;
    refused += fault.empty() ? 0 : 1;
  }
  EXPECT_GT(planned, 50);
  EXPECT_GT(refused, 3) << "no golden request shows that the schemas refuse anything";
}

TEST(ExecSchemas, NameNoMemberThatNoGoldenRequestShows) {
  std::set<std::string> used;
  for (const auto& each : GoldenCase::all()) {
    const Value exec = *jsonOf(each.read("request.json")).find("exec");
    for (const auto& [name, value] : *exec.members()) used.insert(memberOf(exec, "type") + "." + name);
  }
  for (const auto& schema : ExecSchema::all()) {
    for (const auto& [name, member] : *schema.document.find("properties")->members()) {
      EXPECT_TRUE(used.contains(schema.type + "." + name)) << "no golden request has " << schema.type << "." << name;
    }
  }
}

}  // namespace
}  // namespace tenon::host
