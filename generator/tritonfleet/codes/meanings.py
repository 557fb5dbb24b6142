"""Every code that the program can say, and what is wrong in one sentence. A code without a meaning cannot be used."""

from __future__ import annotations

from collections.abc import Mapping

CODES: Mapping[str, str] = {
    # A file as YAML
    "TF001": "The file is not YAML.",
    "TF002": "A key is given twice.",
    "TF003": "The file has an anchor or an alias.",
    "TF004": "The file has a tag or a directive.",
    "TF005": "The file has a merge key.",
    "TF006": "A key is not text.",
    "TF007": "The file has a character that cannot be seen or is not allowed.",
    "TF008": "The file is too large, one of its keys is too long, or its values are nested too deep.",
    "TF009": "Not every reader of YAML reads this number as the same number.",
    "TF010": "The file holds a second document.",
    "TF012": "A merge conflict is left in the file.",
    "TF013": "The file is not UTF-8.",
    # A fleet's files
    "TF014": "A file is in the wrong place, is a symbolic link, or cannot be read.",
    "TF015": "The file is empty, or it is not a mapping.",
    "TF016": "The chart is not there, or not in the version that is asked for.",
    "TF017": "The chart cannot be used.",
    "TF020": "The fleet has no model lists or no environments.",
    # Names that files use of each other
    "TF021": "There is no such profile.",
    "TF022": "There is no such environment.",
    "TF023": "A patch names an entry that does not exist or does not go to this environment.",
    "TF024": "`exclude` names an entry that does not exist or that asks for this environment.",
    "TF025": "The name of the file cannot be the name of an environment.",
    "TF026": "A copy of a list or of an environment is not read.",
    # Keys and values against the schemas
    "TF050": "There is no such key.",
    "TF051": "A value has the wrong type.",
    "TF052": "A value is not allowed.",
    "TF053": "A key is missing.",
    "TF054": "Values do not go together.",
    "TF055": "A value does not fit the schema in some other way.",
    "TF058": "An `ignore` silences nothing.",
    "TF059": "There are more problems of a kind than are listed.",
    # What `generate` writes
    "TF060": "`generate` would overwrite a file that it did not write.",
    "TF061": "The output is not a directory, or a symbolic link is in it.",
    "TF062": "`generate` would remove more releases than it may.",
    "TF063": "Autoscaling is switched on for a release that runs several pods.",
    # Rules about names and numbers of releases
    "TF101": "Two entries have the same name.",
    "TF102": "Two releases of one namespace make objects of the same name.",
    "TF103": "Argo CD Applications have the same name.",
    "TF104": "An environment has more than 1,000 models.",
    "TF105": "Environments of one cluster disagree about its capacity.",
    "TF106": "The models of a cluster need more devices than it has.",
    "TF107": "The extra pod of a rollout finds no free device.",
    "TF108": "Two environments have one namespace, and nobody says whether of one cluster.",
    # Rules about pods
    "TF110": "Several pods share a created claim that only one node can mount.",
    "TF111": "A new pod starts while the old one still holds the claim.",
    "TF112": "The grace period ends before the requests in flight do.",
    "TF113": "Shared memory is more than half of the memory limit.",
    "TF114": "Two releases of one cluster ask for the same node port.",
    "TF115": "A vLLM image has less than 1Gi of shared memory.",
    "TF116": "A request is above its limit.",
    "TF117": "Two listeners or containers have the same port.",
    "TF118": "A device is set in `resources` and not in `accelerator`.",
    "TF119": "The environment's Pod Security level refuses the pod.",
    "TF120": "The environment's Kubernetes is too old for image volumes.",
    "TF121": "An extra object is of a kind that is not permitted, or reaches beyond its release.",
    "TF122": "`minReplicas` is above `maxReplicas`.",
    "TF123": "An ingress leads to a listener that is off.",
    "TF124": "Two volumes of a pod have the same name, or a volume has two kinds.",
    "TF125": "A container mounts a volume that is not there.",
    "TF126": "A container mounts two volumes at one path.",
    "TF127": "Two containers of a pod have the same name, or a name is no DNS label.",
    "TF128": "`podTemplate` says what a Deployment's pods cannot have.",
    "TF129": "A container installs packages into a file system that is read-only.",
    # Rules about the server
    "TF130": "The image's Triton does not know a flag in `extraArgs`.",
    "TF131": "A flag in `extraArgs` is set by another value.",
    "TF132": "The image's Triton is too old for a value.",
    "TF134": "The image's tag moves.",
    "TF135": "The server's version is not known.",
    "TF136": "The image's Triton is too old to lock its control API.",
    "TF137": "An argument or a variable opens a way around the lock of the control API.",
    "TF138": "An API is restricted twice.",
    "TF139": "A launcher does not get the flags that the chart derives.",
    # Rules about what is in Git
    "TF140": "A value looks like a secret.",
    "TF141": "A chart has changed, but its version has not.",
    "TF142": "Flux cannot use the address of the Git repository.",
    "TF143": "The Git repository is still the example's.",
    "TF145": "Other code runs in a pod whose control API is locked.",
    # Rules about what engines and Kubernetes hold
    "TF147": "A rollout may take longer than engines can count.",
    # Rules about models
    "TF150": "An inline model needs vLLM, and the image may not have it.",
    "TF151": "A Python model has more instances than shared memory is made for.",
    "TF152": "The inline models are too large.",
    "TF153": "A model is named that the release does not have.",
    "TF154": "The volume of the models is empty at every start.",
    "TF155": "The benchmark cannot run.",
    "TF156": "Without HTTP, a pod is ready before its models are.",
    "TF157": "An inline model has no version.",
    "TF158": "The network policy stops a download.",
    "TF159": "The image cannot be the server's.",
    "TF179": "The network policy closes a port of a sidecar.",
}

WARNINGS = frozenset({"TF026", "TF058", "TF063"})
"""Codes of stages that are warnings; the other stages' are errors, and a rule says its severity itself."""
