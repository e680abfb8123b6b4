/** Figure bots, and the agents that other lists get wrong. In a real browser: `journeys/click-to-commission.test.ts`. */
import { describe, expect, test } from 'vitest';
import { isRobot } from '../edge/http/agent.ts';
import { misjudged } from './bench/bots.ts';

test('bots: robots of a list that the detector is not built from are known, browsers are not taken for them', () => {
  const { robots, browsers, phones } = misjudged({ phonesEvery: 10 });
  expect(robots.rate).toBeLessThanOrEqual(0.01);
  expect(browsers.rate).toBeLessThanOrEqual(0.001);
  expect(phones.rate).toBeLessThanOrEqual(0.001);
});

const ANDROID = 'AppleWebKit/537.36 (KHTML, like Gecko)';
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)';

describe('peer defect 5: people', () => {
  test.each([
    ['a CUBOT phone', `Mozilla/5.0 (Linux; Android 13; CUBOT P80) ${ANDROID} Chrome/126.0.0.0 Mobile Safari/537.36`],
    [
      'an old CUBOT',
      `Mozilla/5.0 (Linux; Android 5.1; CUBOT X15 Build/LMY47D) ${ANDROID} Chrome/50.0 Mobile Safari/537.36`,
    ],
    [
      'a CUBOT_NOTE',
      `Mozilla/5.0 (Linux; Android 11; CUBOT_NOTE_20; wv) ${ANDROID} Version/4.0 Chrome/120.0 Mobile Safari/537.36`,
    ],
    ['a B BOT', `Mozilla/5.0 (Linux; Android 6.0; B BOT 550 Build/MRA58K) ${ANDROID} Chrome/53.0 Mobile Safari/537.36`],
    ['an M bot', `Mozilla/5.0 (Linux; Android 7.0; M bot 51 Build/NRD90M) ${ANDROID} Chrome/56.0 Mobile Safari/537.36`],
    [
      'a GM Discovery',
      `Mozilla/5.0 (Linux; Android 4.4.2; GM Discovery II Build/KOT49H) ${ANDROID} Chrome/58.0 Mobile Safari/537.36`,
    ],
    ['the Bing app', `${IPHONE} Version/18.5 Mobile/15E148 Safari/605.1.15 BingSapphire/31.4.430611001`],
    [
      'the Bing app on Android',
      `Mozilla/5.0 (Linux; Android 14; SM-S918B) ${ANDROID} Chrome/126.0.0.0 Mobile Safari/537.36 BingSapphire/28.8.2110003556`,
    ],
    ['the Bing app of before', `${IPHONE} Version/14.0 Mobile/15E148 Safari/605.1.15 BingWeb/6.9.6`],
    [
      'the Baidu app',
      `Mozilla/5.0 (Linux; Android 12; HMA-AL00; wv) ${ANDROID} Version/4.0 Chrome/97.0.4692.98 Mobile Safari/537.36 T7/13.50 SP-engine/2.88.0 baiduboxapp/13.50.0.10 (Baidu; P1 12) NABar/1.0`,
    ],
    [
      'the Baidu browser',
      `Mozilla/5.0 (Linux; U; Android 9; zh-cn; MI 8) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/70.0 Mobile Safari/537.36 baidubrowser/7.19.14.0`,
    ],
    [
      'the Yandex app',
      `Mozilla/5.0 (Linux; arm_64; Android 13; SM-A525F) ${ANDROID} Chrome/124.0.6367.179 YaBrowser/24.1.2.221 (lite) YaApp_Android/24.12.1 YaSearchBrowser/24.12.1 BroPP/1.0 SA/3 Mobile Safari/537.36`,
    ],
    [
      'the Yandex browser',
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${ANDROID} Chrome/124.0.0.0 YaBrowser/24.6.0.0 Safari/537.36`,
    ],
    ['the Google app', `${IPHONE} GSA/323.0.647062479 Mobile/15E148 Safari/604.1`],
    ['a Pixel', `Mozilla/5.0 (Linux; Android 15; Pixel 9 Pro) ${ANDROID} Chrome/130.0.0.0 Mobile Safari/537.36`],
    [
      'Instagram on a Pixel',
      `Mozilla/5.0 (Linux; Android 14; Pixel 6 Build/AP2A; wv) ${ANDROID} Version/4.0 Chrome/126.0 Mobile Safari/537.36 Instagram 340.0.0.22.109 Android (34/14; 420dpi; 1080x2205; Google/google; Pixel 6; oriole; oriole; en_US; 624498021)`,
    ],
    [
      'Instagram on a Nexus',
      `Mozilla/5.0 (Linux; Android 7.1.1; Nexus 6 Build/NGI55D; wv) ${ANDROID} Version/4.0 Chrome/60.0 Mobile Safari/537.36 Instagram 15.0 Android (25/7.1.1; 560dpi; 1440x2392; motorola/google; Nexus 6; shamu; shamu; en_GB)`,
    ],
    [
      'Facebook',
      `${IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/470.0.0.37.98;FBBV/618498391;FBDV/iPhone15,3;FBMD/iPhone;FBSN/iOS;FBSV/18.5;FBSS/3;FBCR/;FBID/phone;FBLC/en_US;FBOP/80]`,
    ],
    [
      'TikTok',
      `${IPHONE} Mobile/15E148 musical_ly_35.3.0 JsSdk/2.0 NetType/WIFI Channel/App Store ByteLocale/en Region/US BytedanceWebview/d8a21c6`,
    ],
    ['Snapchat', `${IPHONE} Mobile/15E148 Snapchat/13.2.0.50 (like Safari/8618.2.12.11.6, panda)`],
    ['Pinterest', `${IPHONE} Mobile/15E148 [Pinterest/iOS]`],
    ['LinkedIn', `${IPHONE} Mobile/15E148 [LinkedInApp]/9.29.8500`],
    [
      'WeChat',
      `Mozilla/5.0 (Linux; Android 12; V2118A; wv) ${ANDROID} Version/4.0 Chrome/107.0 Mobile Safari/537.36 XWEB/1070265 MMWEBSDK/20240501 MicroMessenger/8.0.49.2600(0x28003133) WeChat/arm64 Weixin NetType/4G Language/zh_CN ABI/arm64`,
    ],
    ['LINE', `${IPHONE} Mobile/15E148 Safari Line/14.10.0`],
    ['Naver', `${IPHONE} Mobile/15E148 NAVER(inapp; search; 1380; 12.9.5; 15PRO)`],
    [
      'Samsung Internet',
      `Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S911B) ${ANDROID} SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36`,
    ],
    [
      'DuckDuckGo',
      `Mozilla/5.0 (Linux; Android 14) ${ANDROID} Version/4.0 Chrome/126.0 Mobile DuckDuckGo/5 Safari/537.36`,
    ],
    ['Opera Mini', 'Opera/9.80 (Android; Opera Mini/36.2.2254/191.256; U; en) Presto/2.12.423 Version/12.16'],
    ['UC Browser', 'UCWEB/2.0 (MIDP-2.0; U; Adr 9.0; en-US; CPH1909) U2/1.0.0 UCBrowser/13.4.0.1306 U2/1.0.0 Mobile'],
    ['KaiOS', 'Mozilla/5.0 (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5'],
    ['Firefox', 'Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'],
    ['Edge', `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${ANDROID} Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0`],
  ])('%s', (_name, agent) => {
    expect(isRobot(agent)).toBe(false);
  });
});

describe('robots', () => {
  test.each([
    [''],
    ['   '],
    ['-'],
    ['Googlebot/2.1 (+http://www.google.com/bot.html)'],
    [
      `Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) ${ANDROID} Chrome/126.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)`,
    ],
    ['Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)'],
    ['Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)'],
    ['Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)'],
    ['facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)'],
    ['WhatsApp/2.23.20.0'],
    ['Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)'],
    ['Twitterbot/1.0'],
    ['Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)'],
    ['Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)'],
    ['Mozilla/5.0 (compatible; somebody/1.0)'],
    ['curl/8.5.0'],
    ['Wget/1.21.4'],
    ['python-requests/2.32.3'],
    ['Go-http-client/2.0'],
    ['okhttp/4.12.0'],
    ['Apache-HttpClient/4.5.14 (Java/17.0.9)'],
    ['node'],
    ['undici'],
    ['Dart/3.3 (dart:io)'],
    ['Twitter/10.40 CFNetwork/1490.0.4 Darwin/23.2.0'],
    [`Mozilla/5.0 (X11; Linux x86_64) ${ANDROID} HeadlessChrome/126.0.0.0 Safari/537.36`],
    [
      'Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; WOW64; Trident/7.0; .NET4.0C; Microsoft Outlook 16.0.6001; ms-office; MSOffice 16)',
    ],
    ['Mozilla/5.0'],
  ])('%j', (agent) => {
    expect(isRobot(agent)).toBe(true);
  });
});
