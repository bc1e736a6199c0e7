"""The page of a mail, as tests read it."""


def page(console, queue_id, **query):
    response = console.get(f"/mail-log/{queue_id}/", query)
    assert response.status_code == 200
    return response.content.decode()
