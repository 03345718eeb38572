"""The words that made-up people and units are put together from."""

from random import Random

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁沈任"
    "姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严赖覃洪武莫孔"
    "汤"
)
_GIVEN = (
    "伟芳敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉萍红玲飞辉建国志文斌峰海波宁晨浩宇欣怡佳雪梅琳晓东春兰"
    "云凤鹏程立新培德正立恒毅诚信德敬业勤思远嘉禾锦航泽林森炎钧铭铮淼淑贤慧智俊豪"
)
_TWO_CHARACTERS = 0.75

FIELDS: dict[str, tuple[tuple[str, str], ...]] = {
    "视觉智能": (("智能安防设备装调工", "镜头微米级对焦"), ("机器视觉系统运维员", "缺陷图像识别调优")),
    "网络通讯": (("光通信设备装调工", "光纤低损耗熔接"), ("通信网络管理员", "核心网割接零中断")),
    "集成电路": (("集成电路测试员", "高精度晶圆测试"), ("半导体芯片制造工", "薄片键合")),
    "网络安全": (("网络与信息安全管理员", "攻防演练溯源"), ("信息安全测试员", "漏洞快速定位")),
    "生物医药": (("药物制剂工", "无菌灌装调试"), ("生化检验员", "微量样品分离")),
    "高端装备": (("数控车工", "薄壁件精车"), ("钳工", "手工研配"), ("焊工", "单面焊双面成形")),
    "节能环保": (("水处理工", "膜系统节能改造"), ("制冷空调系统安装维修工", "机组能效调优")),
    "亚运攻坚": (("电工", "场馆供电保障"), ("智能楼宇管理员", "场馆弱电联调")),
    "现代服务业": (("中式烹调师", "杭帮菜传承"), ("汽车维修工", "听声辨障")),
}


def surname(random: Random) -> str:
    """Draw a surname."""
    return random.choice(_SURNAMES)


def given_name(random: Random) -> str:
    """Draw a given name of one or two characters."""
    first = random.choice(_GIVEN)
    return first + random.choice(_GIVEN) if random.random() < _TWO_CHARACTERS else first
