"""How a command ends that cannot do its work."""

import pytest

from gatehouse.failures import told


def test_a_package_that_is_not_installed_is_named_with_what_to_install(capsys):
    with pytest.raises(SystemExit) as ended, told():
        raise ModuleNotFoundError("No module named 'mlflow.utils'", name="mlflow.utils")
    assert ended.value.code == 2
    assert (
        capsys.readouterr().err == "gatehouse: mlflow is not installed here: pip install 'gatehouse[local]'\n"
    )


@pytest.mark.parametrize("name", ["ledger.nothing", "workers"], ids=["a module of ours", "a room"])
def test_a_module_of_ours_that_is_missing_is_a_bug(name):
    with pytest.raises(ModuleNotFoundError), told():
        raise ModuleNotFoundError(f"No module named '{name}'", name=name)
