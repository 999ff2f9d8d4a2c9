"""Wanted ports are taken where they are free."""

import socket
from dataclasses import astuple

import pytest

from gatehouse.stack.ports import Ports, choose


@pytest.fixture
def four_ports():
    probes = [socket.socket() for _ in range(4)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def test_free_ports_are_taken_as_wanted(four_ports, reports):
    assert choose(Ports(*four_ports), reports.append) == Ports(*four_ports)
    assert reports == []


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_a_port_in_use_is_told_and_another_taken(four_ports, reports, address):
    with socket.create_server((address, four_ports[0])):
        chosen = choose(Ports(*four_ports), reports.append)
    assert chosen.mlflow not in four_ports
    assert astuple(chosen)[1:] == tuple(four_ports[1:])
    assert reports == [f"port {four_ports[0]} for mlflow cannot be had (in use): taking {chosen.mlflow}"]


def test_one_port_wanted_twice_is_given_once(four_ports, reports):
    chosen = choose(Ports(*four_ports[:3], four_ports[0]), reports.append)
    assert chosen.mlflow == four_ports[0]
    assert len(set(astuple(chosen))) == 4
    assert len(reports) == 1


def test_zero_takes_any_port_silently(reports):
    assert len(set(astuple(choose(Ports(0, 0, 0, 0), reports.append)))) == 4
    assert reports == []


def test_a_port_just_left_by_a_server_is_free(four_ports, reports):
    with (
        socket.create_server(("127.0.0.1", four_ports[1])) as server,
        socket.create_connection(server.getsockname()) as caller,
    ):
        server.accept()[0].close()  # the server's side now waits in TIME_WAIT
        caller.recv(1)
    assert choose(Ports(*four_ports), reports.append).receiver == four_ports[1]
