/// What a fault's code says to a clerk, in Chinese; the fault itself says it in English.
package enum FaultWords {
    package static func zh(_ code: String) -> String? { words[code] }

    private static let words: [String: String] = [
        // Cells
        "cell.empty": "此格须填写", "cell.formula": "公式单元格不予采用，请粘贴为数值", "cell.error": "单元格为错误值", "cell.merged": "合并单元格，请取消合并后逐格填写",
        "cell.digits-lost": "数字位数已丢失，请将该列设为文本后重新填写", "cell.time-of-day": "只需日期，请去掉时间", "cell.unreadable": "单元格无法读取",
        "code.unknown": "不在代码表中，请从下拉列表选择", "text.length": "长度不符", "text.too-long": "文字过长", "date.format": "日期应为 yyyy-mm-dd，且须真实存在",
        "money.format": "金额以元为单位，最多两位小数，不加分隔符", "number.range": "应为规定范围内的整数", "row.width": "该行的列数与表头不符",
        // Whole sheets
        "sheet.empty": "表中没有数据", "sheet.column-missing": "缺少此列", "sheet.column-twice": "此列重复", "sheet.encoding": "文件编码既不是 UTF-8 也不是 GB18030，请另存为 CSV（UTF-8）或 XLSX",
        "sheet.not-text": "不是文本文件", "sheet.open-quote": "引号未闭合", "sheet.stray-quote": "引号位置有误", "sheet.cell-too-long": "单元格内容过长",
        "sheet.too-large": "文件过大", "sheet.too-long": "行数过多，请分成几个文件", "sheet.too-wide": "列数过多", "sheet.no-such-sheet": "没有这个工作表", "sheet.merged": "合并区域过多",
        "sheet.xlsx": "不是有效的 XLSX 文件", "sheet.old-format": "旧版 XLS 文件，请另存为 XLSX", "sheet.encrypted": "文件已加密，请去掉密码后再上传", "sheet.macros": "文件含宏，请另存为不含宏的 XLSX",
        "sheet.external-links": "文件引用了其他文件，请断开链接", "sheet.damaged": "文件已损坏", "sheet.bomb": "压缩内容异常，拒绝读取", "sheet.path": "压缩包内路径异常，拒绝读取",
        "sheet.nested": "嵌套过深，拒绝读取", "sheet.document-type": "含文档类型声明，拒绝读取", "sheet.too-many-parts": "压缩包内文件过多，拒绝读取", "import.failed": "系统在此处多次失败；此前各行已处理",
        // Persons
        "resident-id.length": "身份证号码应为18位", "resident-id.characters": "身份证号码只能是数字，末位可为X", "resident-id.date": "身份证号码中的出生日期不存在",
        "resident-id.check-character": "身份证号码校验位不符", "resident-id.area-unassigned": "身份证号码前两位不是任何省份", "certificate.format": "残疾人证号为身份证号码加类别与等级，共20位",
        "certificate.another-person": "残疾人证号须以本人身份证号码开头", "document.without-id": "只有身份证或含身份证号码的残疾人证能证明身份", "person.twice": "户内人口编号重复",
        "person.id-twice": "户内身份证号码重复", "person.id-elsewhere": "此人已在另一户中", "person.unknown": "户内没有此人", "person.missing": "在册人员不能从表中删去，减少须经自然变更或清退",
        "person.sex-differs": "性别与身份证号码不符", "person.birth-differs": "出生日期与身份证号码不符", "relation.other-sex": "与户主关系的性别与身份证号码不符", "name.masked": "姓名含星号，请填全名",
        "phone.format": "手机号为11位；固定电话请加区号", "bank-card.format": "银行卡号为16至19位数字", "bank-card.check-digit": "银行卡号校验位不符", "bank.without-card": "填写开户银行须同时填写卡号",
        "health.excludes": "“健康”不能与其他状况并存", "work.place-and-months": "务工所在地与务工时间须同时填写", "insurance.both": "居民医保与职工医保只能有一种", "insurance.neither": "居民医保与职工医保须有一种",
        // Households
        "household.no-head": "须有一名户主", "household.two-heads": "只能有一名户主", "household.two-spouses": "户主配偶最多一人", "household.differs": "同一户各行的户信息须一致",
        "household.apart": "同一户的各行须相邻", "household.unknown": "此户不在本年度登记簿中", "outside-jurisdiction": "此户不在您的管辖范围内", "household.purged": "此户个人信息已销毁，户编号不再使用", "household.count-differs": "家庭人口数与成员人数不符", "household.head-differs": "户主信息与成员信息不符",
        "household.standing-by-case": "登记状态只能由本年度事项改变", "household.someone-left": "户内尚有成员", "causes.without-main": "有其他致贫原因时须有主要致贫原因", "causes.too-many": "其他致贫原因最多两项",
        "causes.twice": "致贫原因重复", "income.year": "金额与年度须同时填写", "exit.year-missing": "已脱贫户须填脱贫年度", "exit.year-without-exit": "未脱贫户不能有脱贫年度", "exit.not-exited": "尚未脱贫",
        "exit.acknowledged": "须经农户认可", "division.format": "应为县、街道、社区、小组代码，如 530427001001-01", "division.elsewhere": "小组不在本街道内", "division.unknown": "没有此区划",
        "division.name": "名称为1至50字", "division.twice": "区划重复", "division.parent-unknown": "上级区划未登记",
        // Surveys, changes, measures
        "survey.twice": "此户已在表中出现", "survey.income-year": "收入年度有误", "survey.complete": "调查内容不完整", "change.twice": "此人的变更已在表中出现", "change.not-registered": "只有在册户才有自然变更",
        "change.newcomer-head": "新增人口不能是户主", "change.before-registration": "变更日期早于建档日期", "change.after-verification": "公安核实已完成，不能再提出变更", "measure.twice": "此年度的此项措施已在表中出现",
    ]
}
