# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The page in a real browser: what a person sees of the real node, does to it, and what another page cannot do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

pytest.importorskip('rclpy')
pytest.importorskip('selenium')

from rclpy.context import Context
from scenes.filming import HEIGHT, WIDTH, filming, open_model, scene
from scenes.graph import LATCHED, Graph
from scenes.graph import until as until_within
from scenes.scripted import INDOOR
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from sensor_msgs.msg import CompressedImage
from std_msgs.msg import Header

from seg_ros.bridge.images import compressed_message
from seg_ros.live import picture_view
from seg_ros.live.page_server import PageServer
from seg_ros.live.watcher import Watcher

FLAGS = ('--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
         '--disable-background-networking', '--disable-component-update', '--disable-dev-shm-usage',
         '--window-size=1280,900')
CHROMIUM = shutil.which('chromium') or shutil.which('chromium-browser') or shutil.which('google-chrome')
DRIVER = shutil.which('chromedriver')
PIXEL = """
const [x, y] = arguments, picture = document.getElementById('picture'), canvas = document.createElement('canvas');
[canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];
canvas.getContext('2d').drawImage(picture, 0, 0);
return [picture.naturalWidth, picture.naturalHeight, ...canvas.getContext('2d').getImageData(x, y, 1, 1).data];
"""


def until(true: Callable[[], Any], otherwise: str) -> Any:
    """Wait for something of the page to become true; a place that is drawn anew while one looks is looked at again."""
    def now() -> Any:
        with suppress(StaleElementReferenceException):
            return true()

    return until_within(now, otherwise, timeout_s=30.0)  # a browser on a busy machine


@pytest.fixture(scope='module')
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    """Start a browser without a window, of nobody's profile; skips by name where there is none."""
    if not CHROMIUM or not DRIVER:
        pytest.skip('no browser: apt install chromium chromium-driver')
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f'--user-data-dir={tmp_path_factory.mktemp("profile")}'):
        options.add_argument(flag)
    options.set_capability('goog:loggingPrefs', {'browser': 'ALL'})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def page(chromium: WebDriver, ros_domain: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[PageServer]:
    """Serve the page of the node /segmentation, and open it; no script or rule may complain in the console."""
    monkeypatch.setattr(picture_view, 'GLANCE_S', 1.5)
    with Watcher('/segmentation', ros_domain) as watcher, PageServer(watcher, '127.0.0.1', 0) as server:
        chromium.get_log('browser')
        chromium.set_window_size(1280, 900)
        chromium.get(server.address)
        yield server
        complaints = [entry['message'] for entry in chromium.get_log('browser')]
        chromium.get('about:blank')
    assert not [words for words in complaints if 'Failed to load resource' not in words]  # refusals are answers too


def one(browser: WebDriver, selector: str) -> Any:
    """Wait until the page has such an element, and return it."""
    found: list[Any] = until(lambda: browser.find_elements(By.CSS_SELECTOR, selector), f'the page has no {selector}')
    return found[0]


def text_of(browser: WebDriver, selector: str) -> str:
    """Return the text a person sees there, in one line."""
    return ' '.join(one(browser, selector).text.split())


def wait_for(browser: WebDriver, selector: str, words: str) -> str:
    """Wait until a place of the page holds some words, and return all that stands there."""
    def said() -> str:
        there = text_of(browser, selector)
        return there if words in there else ''

    return str(until(said, f'{selector} does not say: {words}'))


def test_a_person_sees_what_the_node_sees(page: PageServer, chromium: WebDriver, ros_context: Context) -> None:
    with Graph(ros_context, {'mode': 'panoptic'}, open_model) as graph, filming(graph):
        wait_for(chromium, '#shares', 'floor')
        until(lambda: one(chromium, '#picture').is_displayed(), 'there is no picture')
        width, height, *floor = chromium.execute_script(PIXEL, WIDTH - 4, HEIGHT - 4)[:5]
        assert (width, height) == (WIDTH, HEIGHT)
        assert floor == pytest.approx(INDOOR.classes[0].colour, abs=40)
        shares = wait_for(chromium, '#shares', '%')
        assert float(shares.split('floor ')[1].split(' %')[0]) > 50
        assert wait_for(chromium, '#presence', 'connected') == 'connected'
        assert text_of(chromium, '#node') == '/segmentation'
        assert text_of(chromium, '#model') == 'indoor + everyday · cpu · fp32'
        until(lambda: float(text_of(chromium, '#input_hz').replace('–', '0')) > 10, 'the rate of the camera is missing')
        assert one(chromium, '[data-mode=panoptic]').get_attribute('aria-pressed') == 'true'
        wait_for(chromium, '#objects', 'hammer 90 % 40 × 20')
        assert 'wrench 75 % 28 × 16' in text_of(chromium, '#objects')
        wait_for(chromium, '#counts', 'hammer 1 1')
        until(lambda: tuple(INDOOR.classes[0].colour) == colour_of(chromium, '#shares li .swatch'), 'not its colour')


def test_the_map_stands_beside_the_camera_while_there_is_one(page: PageServer, chromium: WebDriver,
                                                             ros_context: Context) -> None:
    with Graph(ros_context) as graph, filming(graph):
        until(lambda: one(chromium, '#picture').is_displayed(), 'there is no picture')
        assert not one(chromium, '#map-figure').is_displayed()
        publisher = graph.tester.create_publisher(CompressedImage, '/mapping/map_picture/compressed', LATCHED)
        publisher.publish(compressed_message(np.full((60, 90, 3), (200, 40, 40), np.uint8), Header()))
        until(lambda: one(chromium, '#map-figure').is_displayed(), 'there is no map')
        assert chromium.execute_script('return document.getElementById("map").naturalWidth') == 90
        picture = one(chromium, '#picture').rect
        assert one(chromium, '#map').rect['y'] >= picture['y'] + picture['height'], 'it makes the picture small'
        chromium.set_window_size(2000, 900)
        until(lambda: is_beside(one(chromium, '#map').rect, one(chromium, '#picture').rect), 'there is room beside')
        graph.tester.destroy_publisher(publisher)
        until(lambda: not one(chromium, '#map-figure').is_displayed(), 'it stays')


def is_beside(right: dict[str, float], left: dict[str, float]) -> bool:
    """Tell whether one place of the page lies to the right of another."""
    return right['x'] >= left['x'] + left['width']


def colour_of(browser: WebDriver, selector: str) -> tuple[int, ...]:
    """Return the colour of a place of the page; asked for in one go, for lists are made anew twice a second."""
    words = browser.execute_script('return getComputedStyle(document.querySelector(arguments[0])).backgroundColor',
                                   selector)
    return tuple(int(word) for word in words.removeprefix('rgb(').removesuffix(')').split(','))


def test_the_pictures_go_on(page: PageServer, chromium: WebDriver, ros_context: Context) -> None:
    with Graph(ros_context) as graph, filming(graph):
        stamps = {until(lambda: text_of(chromium, '#shown'), 'nothing is shown')}
        until(lambda: stamps.add(text_of(chromium, '#shown')) or len(stamps) > 5, 'the picture stands still')
        assert 'shown at' in stamps.pop()


def test_a_button_switches_the_mode(page: PageServer, chromium: WebDriver, ros_context: Context) -> None:
    with Graph(ros_context, open_model=open_model) as graph, filming(graph):
        wait_for(chromium, '#shares', 'floor')
        assert not one(chromium, '#objects-section').is_displayed()
        one(chromium, '[data-mode=instance]').send_keys(Keys.ENTER)  # by the keyboard
        until(lambda: graph.node.get_parameter('mode').value == 'instance', 'the mode was not switched')
        until(lambda: one(chromium, '[data-mode=instance]').get_attribute('aria-pressed') == 'true', 'not shown')
        wait_for(chromium, '#objects', 'hammer')
        until(lambda: not one(chromium, '#shares-section').is_displayed(), 'objects have no shares of classes')
        assert not one(chromium, '#message').is_displayed()


def test_a_refused_mode_is_shown_with_its_reason(page: PageServer, chromium: WebDriver, ros_context: Context) -> None:
    with Graph(ros_context) as graph:
        wait_for(chromium, '#presence', 'waiting')  # for a camera
        until(lambda: one(chromium, '[data-mode=instance]').is_enabled(), 'the button stays off')
        one(chromium, '[data-mode=instance]').click()
        said = wait_for(chromium, '#message', 'Not switched to instance')
        assert "there is no model 'everyday'. Use indoor or slow." in said
        assert one(chromium, '#message').get_attribute('role') == 'alert'
        until(lambda: one(chromium, '[data-mode=semantic]').get_attribute('aria-pressed') == 'true', 'the mode is lost')
        assert graph.node.get_parameter('mode').value == 'semantic'
        one(chromium, '#message button').click()
        assert not one(chromium, '#message').is_displayed()


def test_a_frozen_page_holds_its_picture_and_lets_the_node_rest(page: PageServer, chromium: WebDriver,
                                                                ros_context: Context) -> None:
    def listeners() -> int:
        return graph.tester.count_subscribers('/segmentation/overlay/compressed')

    with Graph(ros_context) as graph, filming(graph):
        until(lambda: text_of(chromium, '#shown'), 'nothing is shown')
        one(chromium, '#freeze').click()
        assert one(chromium, '#held').is_displayed()
        shown, source = text_of(chromium, '#shown'), one(chromium, '#picture').get_attribute('src')
        until(lambda: not listeners(), 'the node works on')
        assert (text_of(chromium, '#shown'), one(chromium, '#picture').get_attribute('src')) == (shown, source)
        one(chromium, '#freeze').click()
        until(lambda: listeners() and text_of(chromium, '#shown') not in ('', shown), 'it does not go on')


def test_a_closed_page_lets_the_node_rest(page: PageServer, chromium: WebDriver, ros_context: Context) -> None:
    with Graph(ros_context) as graph, filming(graph):
        until(lambda: text_of(chromium, '#shown'), 'nothing is shown')
        chromium.get('about:blank')
        until(lambda: not graph.tester.count_subscribers('/segmentation/overlay/compressed'), 'the node works on')


def test_a_missing_node_is_said_with_what_to_type(page: PageServer, chromium: WebDriver, ros_context: Context) -> None:
    said = wait_for(chromium, '#instead', '/segmentation is not there')
    assert 'ros2 run seg_ros segmentation --ros-args -r image:=' in said
    assert not one(chromium, '[data-mode=semantic]').is_enabled()
    with Graph(ros_context, namespace='/robot'):
        wait_for(chromium, '#instead', 'seg_ros view --node /robot/segmentation')
    with Graph(ros_context):
        wait_for(chromium, '#instead', 'nobody publishes /image')  # the node's own words, with its remedy
        assert 'Start the camera, or remap image' in text_of(chromium, '#instead').replace('start', 'Start')
    wait_for(chromium, '#instead', '/segmentation is not there')


def test_the_end_of_the_server_is_said_and_its_return_is_seen(chromium: WebDriver, ros_domain: int) -> None:
    with Watcher('/segmentation', ros_domain) as watcher, PageServer(watcher, '127.0.0.1', 0) as server:
        chromium.get(server.address)
        wait_for(chromium, '#instead', 'is not there')
    wait_for(chromium, '#instead', 'seg_ros view has ended')
    assert wait_for(chromium, '#presence', 'ended')
    with Watcher('/segmentation', ros_domain) as watcher, PageServer(watcher, '127.0.0.1', server.port):
        wait_for(chromium, '#instead', '/segmentation is not there')
        chromium.get('about:blank')


def test_each_of_several_cameras_can_be_chosen(page: PageServer, chromium: WebDriver, ros_context: Context) -> None:
    with Graph(ros_context, {'cameras': ['front', 'left']}) as graph, filming(graph, 'left/image'):
        until(lambda: one(chromium, '#cameras').is_displayed(), 'there is no choice of cameras')
        wait_for(chromium, '#instead', 'nobody publishes /front/image')
        assert wait_for(chromium, '#presence', 'waiting') == 'waiting'  # who has no images is not connected
        one(chromium, '[data-camera=left]').send_keys(Keys.ENTER)  # by the keyboard
        until(lambda: one(chromium, '#picture').is_displayed(), 'there is no picture')
        wait_for(chromium, '#presence', 'connected')
        said = wait_for(chromium, '#faults', 'front: nobody publishes /front/image')
        assert 'Start the camera' in said and 'left:' not in said
        assert one(chromium, '[data-camera=front]').get_attribute('data-level') == 'stale'


def click_at(browser: WebDriver, x: int, y: int) -> None:
    """Click on a pixel of the scene as the page shows it."""
    picture = one(browser, '#picture')
    scale = min(picture.size['width'] / WIDTH, picture.size['height'] / HEIGHT)
    ActionChains(browser).move_to_element_with_offset(
        picture, round((x - WIDTH / 2) * scale), round((y - HEIGHT / 2) * scale)).click().perform()


def test_a_click_on_an_object_makes_it_the_target(page: PageServer, chromium: WebDriver, ros_context: Context) -> None:
    with Graph(ros_context, {'mode': 'instance'}, open_model) as graph, filming(graph):
        wait_for(chromium, '#objects', 'wrench')
        click_at(chromium, 2, 2)  # on nothing
        click_at(chromium, 28, 40)
        said = wait_for(chromium, '#target', 'hammer')
        chosen = graph.node.get_parameter('target_id').value
        assert f'target #{chosen} hammer' in said
        assert f'#{chosen} hammer' in wait_for(chromium, '#objects tr.target', 'hammer')
        one(chromium, '#objects tr:not(.target) button.id').send_keys(Keys.ENTER)  # by the keyboard
        wait_for(chromium, '#target', 'wrench')
        until(lambda: graph.node.get_parameter('target_id').value not in (0, chosen), 'the target is the same')
        one(chromium, 'body').send_keys(Keys.ESCAPE)
        until(lambda: graph.node.get_parameter('target_id').value == 0, 'the target is kept')
        until(lambda: not one(chromium, '#target').is_displayed(), 'a target is shown')


def test_the_camera_s_own_picture_can_be_seen(page: PageServer, chromium: WebDriver, ros_context: Context) -> None:
    def opacity() -> str:
        return str(one(chromium, '#picture').value_of_css_property('opacity'))

    with Graph(ros_context) as graph, filming(graph):
        until(lambda: text_of(chromium, '#shown'), 'nothing is shown')
        assert not one(chromium, '#plain').is_displayed()
        one(chromium, '[data-opacity="0"]').click()
        until(lambda: one(chromium, '#plain').is_displayed() and opacity() == '0', 'the overlay hides the picture')
        floor = chromium.execute_script(PIXEL.replace("'picture'", "'plain'"), WIDTH - 4, HEIGHT - 4)[2:5]
        assert floor == pytest.approx([int(v) for v in scene()[HEIGHT - 4, WIDTH - 4]], abs=16)
        one(chromium, 'body').send_keys('o')
        until(lambda: opacity() == '1', 'the key does nothing')
        one(chromium, 'body').send_keys('o')
        until(lambda: opacity() == '0.5', 'the key does nothing')
        until(lambda: graph.tester.count_subscribers('/segmentation/picture/compressed') == 1, 'it is not asked for')
        one(chromium, '[data-opacity="1"]').click()
        until(lambda: not graph.tester.count_subscribers('/segmentation/picture/compressed'), 'it is asked for still')


def test_rows_stay_the_same_while_their_numbers_change(page: PageServer, chromium: WebDriver,
                                                       ros_context: Context) -> None:
    with Graph(ros_context, {'mode': 'panoptic'}, open_model) as graph, filming(graph):
        for selector, words in (('#shares', 'wall'), ('#objects', 'hammer'), ('#counts', 'hammer')):
            wait_for(chromium, selector, words)
        rows = [row.id for row in chromium.find_elements(By.CSS_SELECTOR, '#shares li, #objects tr, #counts tr')]
        stamps = {text_of(chromium, '#shown')}
        until(lambda: stamps.add(text_of(chromium, '#shown')) or len(stamps) > 8, 'the picture stands still')
        assert [row.id for row in chromium.find_elements(By.CSS_SELECTOR, '#shares li, #objects tr, #counts tr')] \
            == rows


def test_another_page_in_the_same_browser_switches_nothing(page: PageServer, chromium: WebDriver,
                                                           ros_context: Context) -> None:
    attack = f"""<script>
      const url = '{page.address}mode', body = '{{"mode": "instance"}}';
      Promise.allSettled([
        fetch(url, {{method: 'POST', mode: 'no-cors', body}}),
        fetch(url, {{method: 'POST', headers: {{'Content-Type': 'application/json'}}, body}}),
        fetch('{page.address}state')]).then((all) => document.title = all.map((one) => one.status).join(' '));
    </script>"""
    with Graph(ros_context, open_model=open_model) as graph:
        wait_for(chromium, '#presence', 'waiting')
        chromium.get(f'data:text/html,{attack}')
        until(lambda: 'rejected' in chromium.title, 'the other page did nothing')
        assert chromium.title == ' '.join(['rejected'] * 3)  # not one answer was read
        assert graph.node.get_parameter('mode').value == 'semantic'
        chromium.get_log('browser')  # what the browser says of such a page


@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_the_page_fits_a_phone_and_can_be_read(page: PageServer, chromium: WebDriver, ros_context: Context,
                                               scheme: str) -> None:
    """At 360 points nothing is cut off, and text has the contrast WCAG 2.1 asks for (1.4.3)."""
    media = {'features': [{'name': 'prefers-color-scheme', 'value': scheme}]}
    chromium.execute_cdp_cmd('Emulation.setEmulatedMedia', media)
    chromium.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', {'width': 360, 'height': 740, 'deviceScaleFactor': 1,
                                                                    'mobile': True})
    wait_for(chromium, '#instead', 'is not there')
    assert chromium.execute_script('return document.documentElement.scrollWidth') <= 360
    with Graph(ros_context, {'mode': 'panoptic'}, open_model) as graph, filming(graph):
        wait_for(chromium, '#shares', 'floor')
        wait_for(chromium, '#objects', 'hammer')
        publisher = graph.tester.create_publisher(CompressedImage, '/mapping/map_picture/compressed', LATCHED)
        publisher.publish(compressed_message(np.full((60, 90, 3), (200, 40, 40), np.uint8), Header()))
        until(lambda: one(chromium, '#map-figure').is_displayed(), 'there is no map')
        assert one(chromium, '#map').rect['width'] == 640, 'its legend is too small to read'
        assert chromium.execute_script('return document.documentElement.scrollWidth') <= 360
        for selector in ('#node', '#model', '#presence', '#verdict', '#shown', '.tiles dt', '#freeze', 'summary',
                         '[data-mode=semantic]', '[data-mode=panoptic]', '#objects td', '#shares .name', 'td .id',
                         '[data-opacity="0"]', '[data-opacity="1"]', '#remedy'):
            assert contrast(chromium, selector) >= 4.5, selector
    for name in ('Emulation.clearDeviceMetricsOverride', 'Emulation.setEmulatedMedia'):
        chromium.execute_cdp_cmd(name, {})


CONTRAST = """
const element = document.querySelector(arguments[0]);
let behind = element;
while (getComputedStyle(behind).backgroundColor === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
const luminance = (colour) => {
  const [r, g, b] = colour.match(/[\\d.]+/g).map((v) => v / 255)
    .map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
  return .2126 * r + .7152 * g + .0722 * b;
};
const both = [getComputedStyle(element).color, getComputedStyle(behind).backgroundColor].map(luminance).sort();
return (Math.max(...both) + .05) / (Math.min(...both) + .05);
"""


def contrast(browser: WebDriver, selector: str) -> float:
    """Return the contrast of text with what lies behind it (WCAG 2.1)."""
    return float(browser.execute_script(CONTRAST, selector))


def test_everything_is_loaded_from_the_page_itself(page: PageServer, chromium: WebDriver) -> None:
    wait_for(chromium, '#instead', 'is not there')
    loaded = chromium.execute_script("return performance.getEntriesByType('resource').map((one) => one.name)")
    files = {name.partition('?')[0].rpartition('/')[2] for name in loaded}
    assert files >= {'view.css', 'view.js', 'sight.js', 'map.js', 'parts.js', 'state'}
    assert all(name.startswith(page.address) for name in loaded)
