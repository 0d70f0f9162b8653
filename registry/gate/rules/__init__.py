"""The rules, by what they are about; `registry.gate.table` lists them all."""
