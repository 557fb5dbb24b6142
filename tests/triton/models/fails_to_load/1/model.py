"""Never loads, as a model whose weights are missing."""


class TritonPythonModel:
    def initialize(self, _args):
        raise FileNotFoundError("weights.bin")

    def execute(self, requests):
        raise NotImplementedError
