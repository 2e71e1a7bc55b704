// schedules/accuracy.cpp -- classes of types, pipelines and nests, and their tolerances.
#include "schedules/accuracy.h"

#include "runtime/error.h"

namespace heddle {
namespace {

void widen(AccuracyClass& accuracy, AccuracyClass other) {
    if (tolerance_of(other) > tolerance_of(accuracy)) accuracy = other;
}

}  // namespace

double tolerance_of(AccuracyClass accuracy) {
    switch (accuracy) {
        case AccuracyClass::i32:
            return 0;
        case AccuracyClass::f64:
            return 1e-12;
        case AccuracyClass::f32:
            return 1e-5;
        case AccuracyClass::tf32:
            return 1e-3;
        case AccuracyClass::f16:
        case AccuracyClass::bf16:
            return 1e-2;
    }
    throw InternalError("an accuracy class without a tolerance");
}

AccuracyClass accuracy_of(ScalarType type) {
    switch (type) {
        case f64:
            return AccuracyClass::f64;
        case f32:
            return AccuracyClass::f32;
        case f16:
            return AccuracyClass::f16;
        case bf16:
            return AccuracyClass::bf16;
        default:
            return AccuracyClass::i32;
    }
}

AccuracyClass accuracy_of(const Pipeline& pipeline) {
    AccuracyClass accuracy = AccuracyClass::i32;
    for (const auto* tensors : {&pipeline.inputs, &pipeline.intermediates, &pipeline.outputs})
        for (const AnyTensor& tensor : *tensors) widen(accuracy, accuracy_of(tensor.type()));
    return accuracy;
}

AccuracyClass accuracy_of(const LoopNest& nest) {
    AccuracyClass accuracy = accuracy_of(nest.pipeline);
    for (const StageNest& stage : nest.stages) {
        if (!stage.tensorize) continue;
        const Atom* atom = find_atom(stage.tensorize->atom, nest.target.kind);
        if (!atom) throw InternalError("a nest has an atom that is not in the table: " + stage.tensorize->atom);
        widen(accuracy, stage.precision.pieces > 1 ? stage.precision.accuracy : atom->accuracy);
    }
    return accuracy;
}

}  // namespace heddle
