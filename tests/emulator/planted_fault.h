// tests/emulator/planted_fault.h -- a right kernel, and the same with one fault.
#pragma once

#include "tests/emulator/kernel_texts.h"

namespace heddle::test {

struct PlantedFault {
    std::string name;
    KernelText kernel;  ///< what stands between two @ is right
    std::string wrong;  ///< what the faulty kernel has in its place
    std::string says;   ///< part of the fault's text
    KernelLaunch launch = {};
};

inline void PrintTo(const PlantedFault& fault, std::ostream* out) { *out << fault.name; }

inline std::string with(const PlantedFault& fault, bool right) {
    KernelText kernel = fault.kernel;
    const std::size_t first = kernel.body.find('@'), last = kernel.body.find('@', first + 1);
    const std::string between = kernel.body.substr(first + 1, last - first - 1);
    kernel.body.replace(first, last + 1 - first, right ? between : fault.wrong);
    return kernel.text();
}

/// The right kernel runs, the other one's fault is found and named.
template <class Element = float>
void expect_found(const PlantedFault& fault) {
    const EmulatedProgram program({with(fault, true), with(fault, false)});
    const std::vector<Element> in(64 * fault.launch.blocks, Element{2});
    std::vector<Element> out(64 * fault.launch.blocks);
    EXPECT_EQ(fault_of(program, 0, fault.launch, in, out), "");
    const std::string found = fault_of(program, 1, fault.launch, in, out);
    EXPECT_NE(found.find(fault.says), std::string::npos) << found;
    EXPECT_NE(found.find("kernel k"), std::string::npos) << found;
    EXPECT_NE(found.find("\n    line "), std::string::npos) << found;
}

}  // namespace heddle::test
